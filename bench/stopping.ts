import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { film } from './films.js';
import { startBenchPlatform, type BenchPlatform } from './platform.js';
import { percentile, type Figure } from './report.js';

const FILM_MINUTES = 1;
const STOPS = 40;
/** The stops are spread over this time after the upload: planning, the opener, chunks on two workers. */
const SPREAD_MS = 6_000;
const LOOK_EVERY_MS = 20;
/** One that starts after the stop would come within this time. */
const QUIET_MS = 500;

const stopVideo = 'mutation ($id: ID!) { stopVideo(id: $id) { status } }';

/** Programs that these processes have started and that still run. */
function countChildren(pids: readonly number[]): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile('pgrep', ['-c', '-P', pids.join(',')], (error, stdout) => {
      // Exit code 1: there is none.
      if (error && error.code !== 1) reject(new Error('pgrep failed', { cause: error }));
      else resolve(Number(stdout));
    });
  });
}

/** Stops a film `afterMs` after its upload. Returns when its last FFmpeg was seen after that, milliseconds. */
async function stopOne(platform: BenchPlatform, file: string, afterMs: number): Promise<number> {
  const pids = platform.processors.flatMap(({ pid }) => pid ?? []);
  const upload = new AbortController();
  const videoId = await new Promise<string>((resolve, reject) => {
    platform
      .upload({
        file,
        exitOn: 'ready',
        signal: upload.signal,
        onEvent: (event) => event.type === 'uploaded' && resolve(event.videoId),
      })
      .catch((error: unknown) => (upload.signal.aborted ? undefined : reject(error as Error)));
  });
  upload.abort();
  await delay(afterMs);
  const stoppedAt = performance.now();
  await platform.request(stopVideo, { id: videoId });
  let lastSeen = stoppedAt;
  while (performance.now() - lastSeen < QUIET_MS) {
    if ((await countChildren(pids)) > 0) lastSeen = performance.now();
    await delay(LOOK_EVERY_MS);
  }
  return lastSeen - stoppedAt;
}

/** How long FFmpegs of a video run on after `stopVideo` was sent, on two processors. */
export async function measureStopping(folder: string): Promise<Figure[]> {
  const file = await film(folder, FILM_MINUTES);
  const platform = await startBenchPlatform({ processors: [{}, {}] });
  try {
    const times: number[] = [];
    for (let stop = 0; stop < STOPS; stop += 1) {
      times.push(await stopOne(platform, file, (SPREAD_MS * stop) / STOPS));
    }
    return [
      { name: 'stop → last FFmpeg gone, p50', value: percentile(times, 0.5), unit: 'ms', atMost: 2_000 },
      { name: 'stop → last FFmpeg gone, p99', value: percentile(times, 0.99), unit: 'ms', atMost: 2_000 },
    ];
  } finally {
    await platform.stop();
  }
}
