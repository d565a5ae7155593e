import type { Generations, NextGeneration, Restarted } from '../../platform/generations.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { publishProgress } from '../../platform/progress-publisher.js';
import type { Priority } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { IdempotencyKey } from '../../schema/idempotency-key.js';
import { isSourceStored, Video } from '../../schema/video.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import type { OperationOrigin } from '../context.js';
import { fittingHeights } from './reprocess-heights.js';
import type { VideoStore } from './video-store.js';

/** What is wanted of the new generation; what is absent is as for an upload. */
export interface ReprocessWish {
  heights?: readonly number[] | null;
  priority?: Priority | null;
  /** The same key: done once, for 24 hours; 1–255 characters. */
  idempotencyKey?: string | null;
}

export interface ReprocessService {
  /**
   * Makes a video anew from its stored source, as a new generation; what was READY plays until that one is.
   * With a key that was used for this video in the last 24 hours, answers the video as it is. Entered in the
   * audit log.
   * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT (status) where the source is not stored or somebody else
   * was faster, BAD_USER_INPUT (heights)
   */
  reprocess(request: { id: string } & ReprocessWish, origin: OperationOrigin): Promise<Video>;
  /** The same for a video that the caller may change, without an entry of its own. */
  begin(video: Video, wish: ReprocessWish): Promise<Video>;
}

export function createReprocessService(deps: {
  db: Database;
  videos: Pick<VideoStore, 'find'>;
  generations: Pick<Generations, 'reprocess' | 'letGo'>;
  queue: Pick<JobQueue, 'hint'>;
  publisher: Publisher;
  acts: PlacedActs;
}): ReprocessService {
  const { db, videos, generations, queue, publisher, acts } = deps;
  const keys = db.model(IdempotencyKey);

  async function begin(video: Video, wish: ReprocessWish): Promise<Video> {
    if (wish.idempotencyKey == null) return restart(video, wish, undefined);
    const keyId = `${video._id}/${wish.idempotencyKey}`;
    if (await keys.exists({ _id: keyId })) return video;
    try {
      return await restart(video, wish, keyId);
    } catch (error) {
      // The same request, sent twice: the other one was faster.
      const asked =
        (await keys.exists({ _id: keyId })) && (await db.model(Video).findById(video._id).lean<Video>());
      if (!asked) throw error;
      return asked;
    }
  }

  async function restart(
    video: Video,
    { heights, priority }: ReprocessWish,
    keyId: string | undefined,
  ): Promise<Video> {
    if (!isSourceStored(video)) throw notStored(video);
    const ref = { videoId: video._id, generation: video.generation };
    const how: NextGeneration = {
      heights: heights ? fittingHeights(heights, video.source) : undefined,
      priority: priority ?? undefined,
    };
    const begun = await db.transaction(async (session) => {
      const restarted = await generations.reprocess(ref, how, session);
      if (!restarted) throw tooLate(video);
      const used = { _id: keyId, videoId: video._id, createdAt: new Date() };
      if (keyId !== undefined) await keys.create([used], { session });
      return restarted;
    });
    announce(begun, ref);
    return begun.video;
  }

  /** Nobody waits for the messages: with Kafka down, the work is found all the same. */
  function announce({ video, jobId, hasReplaced }: Restarted, before: Parameters<Generations['letGo']>[0]) {
    if (hasReplaced) void generations.letGo(before);
    void queue.hint([jobId]);
    void publishProgress(publisher, video);
  }

  return {
    begin,
    async reprocess({ id, ...wish }, origin) {
      const { heights, priority } = wish;
      const place = await videos.find(id, origin.caller);
      const details = { heights: heights ?? undefined, priority: priority ?? undefined };
      const act = { action: 'reprocessVideo', target: id, details, place };
      return acts.record(
        { ...act, permission: 'video:write' },
        origin,
        (video) => begin(video, wish),
        ({ generation }) => ({ generation }),
      );
    },
  };
}

const notStored = ({ status, uploadStatus }: Video): AppError =>
  new AppError('CONFLICT', {
    status,
    message:
      uploadStatus === 'RECEIVED'
        ? 'The source of the video is not kept: it cannot be made anew.'
        : `The source of the video is not there: its upload is ${uploadStatus}.`,
  });

const tooLate = ({ status }: Video): AppError =>
  new AppError('CONFLICT', { status, message: 'The video changed meanwhile: look at it again.' });
