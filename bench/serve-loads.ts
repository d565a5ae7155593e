import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { generationPrefix, hlsFiles } from '../schema/blob-paths.js';
import { memoryBytes } from './memory.js';
import {
  CACHE_BYTES,
  COLD,
  coldSegment,
  CROWD,
  crowdSegment,
  SMALL_SEGMENTS,
  type BenchStreamer,
} from './serve-streamer.js';
import { percentile, type Figure } from './report.js';

const COLD_URL_SECONDS = 60;

/** Of one viewer's request, each after the two seconds that the streamer asks for. */
const MAX_RETRIES = 10;

/** Milliseconds until the whole answer is there. @throws Error where it is not the file. */
async function fetchWhole(url: string, dispatcher: Agent): Promise<number> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(url, { dispatcher });
  await body.arrayBuffer();
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  return performance.now() - startedAt;
}

/** What the streamer adds to a read of storage by the same client, one after the other. */
export async function measureCold(streamer: BenchStreamer): Promise<Figure> {
  const agents = { direct: new Agent({ connections: 1 }), streamer: new Agent({ connections: 1 }) };
  const times = { direct: new Array<number>(), streamer: new Array<number>() };
  const pathOf = streamer.readUrls.sign(COLD_URL_SECONDS);
  for (let n = 0; n + 1 < COLD; n += 2) {
    const blob = generationPrefix(`video_cold${n}`, 1) + coldSegment;
    const direct = await fetchWhole(streamer.readUrls.origin + pathOf(blob), agents.direct);
    const ours = await fetchWhole(streamer.urlOf(coldSegment, `video_cold${n + 1}`), agents.streamer);
    // The first half warms up what runs, not what is kept.
    if (n < COLD / 2) continue;
    times.direct.push(direct);
    times.streamer.push(ours);
  }
  await Promise.all([agents.direct.close(), agents.streamer.close()]);
  const [direct, ours] = [percentile(times.direct, 0.5), percentile(times.streamer, 0.5)];
  return {
    name: `cold 1 MB segment: from storage ${direct.toFixed(1)} ms, from the streamer ${ours.toFixed(1)} ms`,
    ...{ value: ours / direct, unit: '×', atMost: 1.3 },
  };
}

/** As players do: who is told to come back later does so. Returns how often; throws where that was in vain. */
async function fetchAsPlayer(url: string, dispatcher: Agent): Promise<number> {
  for (let retries = 0; ; retries += 1) {
    const { statusCode, headers, body } = await request(url, { dispatcher });
    await body.dump({ limit: Infinity });
    if (statusCode === 200) return retries;
    if (statusCode !== 503 || retries === MAX_RETRIES) throw new Error(`answered ${statusCode}`);
    await delay(Number(headers['retry-after']) * 1000);
  }
}

/** Each viewer with a connection and a film of its own, all at the same time, twice. */
export async function measureCrowd(streamer: BenchStreamer): Promise<Figure[]> {
  const agent = new Agent({ connections: CROWD, headersTimeout: 120_000, bodyTimeout: 120_000 });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, memoryBytes(streamer.pid))), 100);
  let [failures, retries] = [0, 0];
  for (let round = 0; round < 2; round += 1) {
    const urls = Array.from({ length: CROWD }, (_, n) => streamer.urlOf(crowdSegment, `video_crowd${n}`));
    for (const end of await Promise.allSettled(urls.map((url) => fetchAsPlayer(url, agent)))) {
      if (end.status === 'rejected') failures += 1;
      else retries += end.value;
    }
  }
  clearInterval(watch);
  await agent.close();
  return [
    {
      name: `failures of ${2 * CROWD} requests at once by ${CROWD} viewers (told to come back: ${retries} times)`,
      ...{ value: failures, unit: '', atMost: 0 },
    },
    { name: 'memory beyond the cache then', value: (peak - CACHE_BYTES) / 1e6, unit: 'MB', atMost: 150 },
  ];
}

const REQUESTS_PER_SECOND = 500;
const MIXED_SECONDS = 3;
const MIXED_ROUNDS = 5;

/** A playlist for every four segments, as players ask that have just begun. */
const mixedFile = (n: number): string =>
  n % 5 === 0 ? hlsFiles.media('v720') : hlsFiles.segment('v360', n % SMALL_SEGMENTS, 1);

/** The slowest of a hundred, when requests come at a fixed rate whatever becomes of them, milliseconds. */
async function p99(urlOf: (file: string) => string): Promise<number> {
  const agent = new Agent({ connections: 64 });
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  for (let n = 0; n < REQUESTS_PER_SECOND * MIXED_SECONDS; n += 1) {
    const dueAt = startedAt + (n * 1000) / REQUESTS_PER_SECOND;
    if (dueAt > performance.now()) await delay(dueAt - performance.now());
    answers.push(fetchWhole(urlOf(mixedFile(n)), agent));
  }
  const times = await Promise.all(answers);
  await agent.close();
  return percentile(times, 0.99);
}

export async function measureMixed(
  servers: Record<'nginx' | 'ours', (file: string) => string>,
): Promise<Figure[]> {
  const values = { nginx: new Array<number>(), ours: new Array<number>() };
  for (let round = -1; round < MIXED_ROUNDS; round += 1) {
    for (const name of ['nginx', 'ours'] as const) {
      const value = await p99(servers[name]);
      // The first one warms up.
      if (round >= 0) values[name].push(value);
    }
  }
  const [nginx, ours] = [percentile(values.nginx, 0.5), percentile(values.ours, 0.5)];
  return [
    {
      name: `p99 of ${REQUESTS_PER_SECOND} requests/s: nginx ${nginx.toFixed(1)} ms, streamer ${ours.toFixed(1)} ms`,
      ...{ value: ours / nginx, unit: '×', atMost: 3 },
    },
  ];
}
