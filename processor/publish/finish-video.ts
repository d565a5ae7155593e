import type { BlobContainer, BlobInfo } from '../../platform/blob.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Database } from '../../platform/mongo.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import type { JobStore } from '../pool/job-store.js';
import type { Job } from '../../schema/job.js';
import type { JobContext, JobHandler } from '../pool/run-job.js';
import type { VideoTracker } from '../progress/video-tracker.js';
import type { Ffmpeg } from '../transcode/ffmpeg.js';
import { type CaptionFiles, noPublishedCaptions, type PublishedCaptions } from './caption-files.js';
import type { CaptionsState } from './captions-state.js';
import type { ChunkResultStore } from './chunk-result-store.js';
import { makePoster } from './make-poster.js';
import type { PlaylistPublisher } from './publish-playlists.js';
import { publishedPrefix } from './published-prefix.js';
import type { Succeed } from './succession.js';
import { storyboardVtt } from './storyboard-vtt.js';
import { verifyGeneration } from './verify-generation.js';

interface FinishDeps {
  db: Database;
  hls: BlobContainer;
  store: JobStore;
  queue: Pick<JobQueue, 'hint'>;
  tracker: VideoTracker;
  results: ChunkResultStore;
  publisher: PlaylistPublisher;
  succeed: Succeed;
  captions: { state: CaptionsState; files: CaptionFiles };
  ffmpeg: Ffmpeg;
  workFolder: string;
}

/**
 * FINISH: checks that the film is whole, removes what attempts that did not count have left, writes
 * poster, storyboard and the closed playlists, and makes the video READY in the transaction that ends
 * the claim.
 */
export function createFinishVideo(deps: FinishDeps): JobHandler {
  return async (job, context) => {
    const { signal, log } = context;
    await deps.tracker.finishing(job);
    const plan = await deps.tracker.plan(job);
    if (!plan) throw new AppError('INTERNAL', { message: 'the job has no plan' });
    const results = await deps.results.done(job);
    const prefix = generationPrefix(job.videoId, job.generation);

    const unreferenced = await verify(deps.hls, { prefix, plan, results, signal });
    await removeAll(deps.hls, prefix, unreferenced);
    await writePictures(deps, { prefix, plan, results, signal });
    const captions = await publishCaptions(deps, { job, plan }, context);
    const state = await deps.publisher.close(job, plan, results, captions);

    const { video, due } = await deps.db.transaction(async (session) => {
      await deps.store.complete(job, undefined, session);
      const ready = await deps.tracker.ready(job, state, session);
      const video = ready && (await deps.succeed(ready, session));
      return { video, due: video ? await deps.captions.state.settle(video, captions.revision, session) : [] };
    });
    await deps.tracker.publish(video);
    await deps.queue.hint(due);
    log.info({ removed: unreferenced.length }, 'video is ready');
  };
}

interface Film {
  prefix: string;
  plan: TranscodePlan;
  results: readonly ChunkResult[];
  signal: AbortSignal;
}

/** The captions that are published now. A film does not fail for them: a job of their own tries again. */
async function publishCaptions(
  { captions: { state, files } }: FinishDeps,
  { job, plan }: { job: Job; plan: TranscodePlan },
  { signal, log }: JobContext,
): Promise<PublishedCaptions> {
  try {
    const captions = await state.of(job.videoId);
    return await files.publish(job, { plan, captions }, signal);
  } catch (err) {
    signal.throwIfAborted();
    log.warn({ err }, 'captions not published yet');
    return noPublishedCaptions;
  }
}

/** @returns files that no playlist names. @throws AppError INTERNAL where the film is not whole */
async function verify(hls: BlobContainer, { prefix, plan, results, signal }: Film): Promise<string[]> {
  const stored: BlobInfo[] = [];
  for await (const { name, bytes } of hls.list(prefix, signal)) {
    stored.push({ name: name.slice(prefix.length), bytes });
  }
  const { problems, unreferenced } = verifyGeneration(plan, results, stored);
  if (problems.length === 0) return unreferenced;
  throw new AppError('INTERNAL', {}, { cause: new Error(problems.slice(0, 20).join('; ')) });
}

async function removeAll(hls: BlobContainer, prefix: string, names: readonly string[]): Promise<void> {
  for (const name of names) await hls.delete(prefix + name);
}

async function writePictures(deps: FinishDeps, { prefix, plan, results, signal }: Film): Promise<void> {
  const put = (name: string, body: Buffer, contentType: string) =>
    deps.hls.put(prefix + name, body, { contentType, signal });
  const published = publishedPrefix(plan, results);
  const poster = await makePoster(deps, { prefix, plan, published, signal });
  if (poster) await put(hlsFiles.poster, poster, 'image/jpeg');
  const storyboard = storyboardVtt(plan, results);
  if (storyboard) await put(hlsFiles.storyboard, Buffer.from(storyboard), 'text/vtt');
}
