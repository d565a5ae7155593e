import { retryUntil } from '../../local/retry-until.js';
import { hlsFileKind, hlsFiles } from '../../schema/blob-paths.js';
import { Job, JobKind } from '../../schema/job.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { Video } from '../../schema/video.js';
import { Worker } from '../../schema/worker.js';
import type { Platform } from './platform-fixture.js';
import type { Service } from './platform-service.js';

/** Nothing that tests wait for takes longer. */
const GIVE_UP_MS = 60_000;

/** Resolves to the first job, now or later, that the filter matches; `signal` gives up. */
export function untilJob(
  { db }: Pick<Platform, 'db'>,
  filter: Record<string, unknown>,
  signal = AbortSignal.timeout(GIVE_UP_MS),
): Promise<Job> {
  const look = async (): Promise<Job> => {
    const job = await db.model(Job).findOne(filter).lean();
    if (!job) throw new Error(`no job is ${JSON.stringify(filter)}`);
    return job;
  };
  return retryUntil(look, { signal, everyMs: 100 });
}

/** The chunk jobs of a video in the order of the film. */
export function chunkJobs({ db }: Pick<Platform, 'db'>, videoId: string): Promise<Job[]> {
  return db.model(Job).find({ videoId, kind: JobKind.CHUNK }).sort({ 'chunk.chunkIndex': 1 }).lean();
}

/** How each claim of a job ended, oldest first. */
export const outcomes = ({ runs }: Job): (string | undefined)[] => runs.map(({ outcome }) => outcome);

/** What a processor tells of itself, which it does soon after it is ready. */
export function untilRegistered({ db }: Pick<Platform, 'db'>, { pid }: Service): Promise<Worker> {
  const look = (): Promise<Worker> => db.model(Worker).findOne({ pid }).orFail().lean();
  return retryUntil(look, { signal: AbortSignal.timeout(GIVE_UP_MS), everyMs: 50 });
}

/** Which of these processors works on a job. */
export async function workerOf(
  { db }: Pick<Platform, 'db'>,
  { workerId }: Job,
  processors: readonly Service[],
): Promise<Service> {
  const worker = await db.model(Worker).findById(workerId).lean();
  const found = processors.find(({ pid }) => pid === worker?.pid);
  if (!found) throw new Error(`none of the processors is ${workerId}`);
  return found;
}

/** Resolves to a chunk job that has stored its first segment, has more to make, and is not done. */
export function untilHalfMade(
  platform: Pick<Platform, 'db' | 'hls'>,
  videoId: string,
  signal = AbortSignal.timeout(GIVE_UP_MS),
): Promise<Job> {
  const { db } = platform;
  const look = async (): Promise<Job> => {
    const video = await db.model(Video).findById(videoId, { plan: 1 }).lean();
    const claimed = await db.model(Job).find({ videoId, kind: JobKind.CHUNK, state: 'CLAIMED' }).lean();
    const stored = await storedFiles(platform, videoId);
    const found = claimed.find((job) => {
      const first = video?.plan && firstOfSegments(video.plan, job);
      return first !== undefined && stored.some((name) => name.endsWith(first));
    });
    if (!found) throw new Error(`no chunk of ${videoId} is half made`);
    return found;
  };
  return retryUntil(look, { signal, everyMs: 100 });
}

/** Name of a chunk's first segment; undefined where it is the only one. */
export function firstOfSegments(
  { chunks, segmentFrames }: TranscodePlan,
  { chunk, attempt }: Job,
): string | undefined {
  const planned = chunks[chunk?.chunkIndex ?? -1];
  if (!chunk || !planned || planned.endFrame - planned.startFrame < 2 * segmentFrames) return undefined;
  return hlsFiles.segment(chunk.trackNames[0] ?? '', planned.startFrame / segmentFrames, attempt);
}

/** Names of everything stored for a video. */
export async function storedFiles({ hls }: Pick<Platform, 'hls'>, videoId: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of hls.list(`${videoId}/`)) names.push(name);
  return names;
}

/** Stored files that neither a playlist nor the storyboard names. */
export async function unreferencedFiles(platform: Pick<Platform, 'hls'>, videoId: string): Promise<string[]> {
  const stored = await storedFiles(platform, videoId);
  const kindOf = (name: string) => hlsFileKind(name.split('/').slice(2).join('/'));
  const named = new Set<string>();
  for (const name of stored) {
    if (!['master', 'media', 'storyboard'].includes(kindOf(name) ?? '')) continue;
    const text = (await platform.hls.get(name))?.toString('utf8') ?? '';
    const uris = text.split('\n').map((line) => /URI="([^"]+)"/.exec(line)?.[1] ?? line.split('#')[0] ?? '');
    for (const uri of uris) named.add(new URL(uri, `blob:/${name}`).pathname.slice(1));
  }
  return stored.filter(
    (name) => !named.has(name) && !['master', 'poster', 'storyboard'].includes(kindOf(name) ?? ''),
  );
}

/** Waits until none of these processes runs any more. */
export function untilGone(pids: readonly number[], signal = AbortSignal.timeout(GIVE_UP_MS)): Promise<void> {
  const attempt = (): Promise<void> => {
    const running = pids.filter(isRunning);
    return running.length === 0
      ? Promise.resolve()
      : Promise.reject(new Error(`still running: ${running.join()}`));
  };
  return retryUntil(attempt, { signal, everyMs: 50 });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
