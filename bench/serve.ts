import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTokens } from '../platform/tokens.js';
import { startNginx, type Nginx } from '../test/support/nginx.js';
import { cpuSeconds } from './cpu-time.js';
import { measureCold, measureCrowd, measureMixed } from './serve-loads.js';
import { fillStorage, servedFiles, startBenchStreamer, type BenchStreamer } from './serve-streamer.js';
import { percentile, type Figure } from './report.js';

const run = promisify(execFile);

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 16;

/** Both servers have this core, the load has the other. */
const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** Threads that a process has by now stay on a core; those that it starts follow them. */
const pin = (pid: number, core: number) => run('taskset', ['-acp', String(core), String(pid)]);

interface Measured {
  requestsPerSecond: number;
  requestsPerCpuSecond: number;
}

/** @throws Error where an answer was not the file. */
async function load(url: string, pid: number): Promise<Measured> {
  const before = cpuSeconds(pid);
  const args = ['-c', String(LOAD_CORE), 'wrk', '-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, url];
  const { stdout } = await run('taskset', args);
  const cpu = cpuSeconds(pid) - before;
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk was not answered well:\n${stdout}`);
  const [, perSecond = 'NaN'] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  const [, requests = 'NaN'] = /(\d+) requests in/.exec(stdout) ?? [];
  return { requestsPerSecond: Number(perSecond), requestsPerCpuSecond: Number(requests) / cpu };
}

interface Server {
  /** Of one of the served files. */
  urlOf: (file: string) => string;
  pid: number;
}

/** The median of what `figure` says of each server, round by round, so that both meet the same machine. */
async function against(
  servers: { nginx: Server; ours: Server },
  file: string,
  figure: keyof Measured,
): Promise<{ nginx: number; ours: number }> {
  const values = { nginx: new Array<number>(), ours: new Array<number>() };
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const name of ['nginx', 'ours'] as const) {
      const { urlOf, pid } = servers[name];
      const measured = await load(urlOf(file), pid);
      // The first one warms up.
      if (round >= 0) values[name].push(measured[figure]);
    }
  }
  return { nginx: percentile(values.nginx, 0.5), ours: percentile(values.ours, 0.5) };
}

async function nginxWith(folder: string): Promise<Nginx> {
  for (const [name, body] of Object.entries(servedFiles)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, body);
  }
  return startNginx(`server { listen {address}; root ${folder}; open_file_cache max=1000; etag on; }`);
}

async function compare(nginx: Server, streamer: BenchStreamer): Promise<Figure[]> {
  const servers = { nginx, ours: streamer };
  const segment = await against(servers, 'v720/s00000.1.m4s', 'requestsPerSecond');
  const playlist = await against(servers, 'v720/media.m3u8', 'requestsPerCpuSecond');
  const name = (what: string, { nginx: theirs, ours }: typeof segment) =>
    `${what}: nginx ${theirs.toFixed(0)}, streamer ${ours.toFixed(0)}, that is ${(ours / theirs).toFixed(2)}`;
  return [
    {
      name: name('warm 1 MB segment, requests/s', segment),
      ...{ value: segment.nginx / segment.ours, unit: '×', atMost: 1 / 0.95 },
    },
    {
      name: name('2 KB playlist, requests/CPU s', playlist),
      ...{ value: playlist.nginx / playlist.ours, unit: '×', atMost: 1 / 0.25 },
    },
    ...(await measureMixed({ nginx: nginx.urlOf, ours: streamer.urlOf })),
  ];
}

/** How the streamer serves, tokens on, against nginx with the same files on disk. */
export async function measureServing(): Promise<Figure[]> {
  if (availableParallelism() < 2)
    throw new Error('this needs two cores: one for the server, one for the load');
  const folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-bench-'));
  await pin(process.pid, LOAD_CORE);
  const nginx = await nginxWith(path.join(folder, 'files'));
  const keys = `bench:${Buffer.alloc(32, 1).toString('base64url')}`;
  const streamer = await startBenchStreamer({ dataDir: folder, keys, tokens: createTokens({ keys }) });
  try {
    await fillStorage(streamer.hls);
    await Promise.all([pin(nginx.pid, SERVER_CORE), pin(streamer.pid, SERVER_CORE)]);
    return [
      ...(await compare({ urlOf: (file) => `${nginx.url}/${file}`, pid: nginx.pid }, streamer)),
      await measureCold(streamer),
      ...(await measureCrowd(streamer)),
    ];
  } finally {
    await streamer.stop();
    await nginx.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
