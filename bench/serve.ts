import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTokens } from '../platform/tokens.js';
import { repoRoot } from '../local/repo-root.js';
import { startNginx, type Nginx } from '../test/support/nginx.js';
import { cpuSeconds } from './cpu-time.js';
import { measureCold, measureCrowd, measureMixed } from './serve-loads.js';
import { fillStorage, servedFiles, startBenchStreamer } from './serve-streamer.js';
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

/** The median of what `figure` says of each server, round by round, so that all meet the same machine. */
async function against<Name extends string>(
  servers: Record<Name, Server>,
  file: string,
  figure: keyof Measured,
): Promise<Record<Name, number>> {
  const values = Object.entries<Server>(servers).map(([name, server]) => ({
    ...{ name, server },
    measured: new Array<number>(),
  }));
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const { server, measured } of values) {
      const { [figure]: value } = await load(server.urlOf(file), server.pid);
      // The first one warms up.
      if (round >= 0) measured.push(value);
    }
  }
  const medians = values.map(({ name, measured }) => [name, percentile(measured, 0.5)] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}

/** Node without anything of ours: what copying a file out of its memory costs at least. */
async function startBareNode(file: string): Promise<Server & { stop: () => void }> {
  const program = path.join(repoRoot(), 'bench', 'bare-server.mjs');
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const url = `http://127.0.0.1:${port.toString().trim()}`;
  return { urlOf: () => url, pid: child.pid ?? 0, stop: () => child.kill() };
}

async function nginxWith(folder: string): Promise<Nginx> {
  for (const [name, body] of Object.entries(servedFiles)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, body);
  }
  return startNginx(`server { listen {address}; root ${folder}; open_file_cache max=1000; etag on; }`);
}

const warmSegment = 'v720/s00000.1.m4s';

async function compareSegments(servers: Record<'nginx' | 'bare' | 'ours', Server>): Promise<Figure> {
  const { nginx, bare, ours } = await against(servers, warmSegment, 'requestsPerSecond');
  const rates = `nginx ${nginx.toFixed(0)}, bare Node ${bare.toFixed(0)}, streamer ${ours.toFixed(0)}`;
  const ratios = `that is ${(ours / nginx).toFixed(2)} of nginx, ${(ours / bare).toFixed(2)} of bare Node`;
  return {
    name: `warm 1 MB segment, requests/s: ${rates}, ${ratios}`,
    ...{ value: nginx / ours, unit: '×', atMost: 1 / 0.95 },
  };
}

async function comparePlaylists(servers: Record<'nginx' | 'ours', Server>): Promise<Figure> {
  const { nginx, ours } = await against(servers, 'v720/media.m3u8', 'requestsPerCpuSecond');
  const rates = `nginx ${nginx.toFixed(0)}, streamer ${ours.toFixed(0)}, that is ${(ours / nginx).toFixed(2)}`;
  return {
    name: `2 KB playlist, requests/CPU s: ${rates}`,
    ...{ value: nginx / ours, unit: '×', atMost: 1 / 0.25 },
  };
}

/** How the streamer serves, tokens on, against nginx with the same files on disk. */
export async function measureServing(): Promise<Figure[]> {
  if (availableParallelism() < 2)
    throw new Error('this needs two cores: one for the server, one for the load');
  const folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-bench-'));
  await pin(process.pid, LOAD_CORE);
  const nginx = await nginxWith(path.join(folder, 'files'));
  const keys = `bench:${Buffer.alloc(32, 1).toString('base64url')}`;
  const bare = await startBareNode(path.join(folder, 'files', warmSegment));
  const streamer = await startBenchStreamer({ dataDir: folder, keys, tokens: createTokens({ keys }) });
  try {
    await fillStorage(streamer.hls);
    await Promise.all([nginx, bare, streamer].map(({ pid }) => pin(pid, SERVER_CORE)));
    const files: Server = { urlOf: (file) => `${nginx.url}/${file}`, pid: nginx.pid };
    return [
      await compareSegments({ nginx: files, bare, ours: streamer }),
      await comparePlaylists({ nginx: files, ours: streamer }),
      ...(await measureMixed({ nginx: files.urlOf, ours: streamer.urlOf })),
      ...(await measureCrowd(streamer)),
      // By now both have read thousands of blobs, as they have where they run for longer than a benchmark.
      await measureCold(streamer),
    ];
  } finally {
    await streamer.stop();
    bare.stop();
    await nginx.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
