import type { ClientSession } from 'mongoose';
import { videoPrefix, withdrawnKey } from '../schema/blob-paths.js';
import { RemovalContainer } from '../schema/blob-removal.js';
import { DeadLetter, DeadLetterState } from '../schema/dead-letter.js';
import { DeletedVideo } from '../schema/deleted-video.js';
import { awaitedUploads, UploadStatus, VideoStatus } from '../schema/enums.js';
import { Job } from '../schema/job.js';
import { UploadEntry } from '../schema/upload-entry.js';
import { Video } from '../schema/video.js';
import { createBlobRemovals, REMOVAL_WINDOW_MS } from './blob-removals.js';
import type { Generations } from './generations.js';
import type { Database } from './mongo.js';

/**
 * The steps of a video's deletion, each whole within the caller's transaction; whoever changes the video at the same
 * time has lost, or has won. What follows in blob storage is noted in the same transaction, for any process to do.
 */
export interface Deletions {
  /**
   * Takes a video away, and what is made of it with it. With a grace it can be restored until then and its blobs
   * stay; else it is purged at once. Undefined where there is none.
   */
  delete(videoId: string, graceMs: number, session: ClientSession): Promise<DeletedNow | undefined>;
  /** Brings a video back as it was, but stopped where it was being made; undefined where it is purged. */
  restore(videoId: string, session: ClientSession): Promise<Video | undefined>;
  /** Ends the time in which a deleted video can be restored; false where it has ended, or was restored. */
  purge(videoId: string, session: ClientSession): Promise<boolean>;
}

/** A video as it was taken away, and whether something was being made of it. */
export interface DeletedNow {
  video: Video;
  wasUnfinished: boolean;
}

/** A mark that is being written or removed is sure to have been after this time, milliseconds. */
export const MARK_WINDOW_MS = 60_000;

export function createDeletions(deps: { db: Database; generations: Pick<Generations, 'end'> }): Deletions {
  const videos = deps.db.model(Video);
  const deleted = deps.db.model(DeletedVideo);
  const jobs = deps.db.model(Job);
  const letters = deps.db.model(DeadLetter);
  const uploads = deps.db.model(UploadEntry);
  const removals = createBlobRemovals(deps);

  /** `endedAt`: when the last of those who write to its blobs was told to end. */
  async function forget(videoId: string, endedAt: Date, session: ClientSession): Promise<void> {
    const prefix = videoPrefix(videoId);
    const windowMs = Math.max(0, endedAt.getTime() + REMOVAL_WINDOW_MS - Date.now());
    await removals.forgetBelow(prefix, session);
    for (const container of Object.values(RemovalContainer))
      await removals.add({ container, prefix, windowMs }, session);
    await jobs.deleteMany({ videoId }, { session });
    const decided = { state: DeadLetterState.DISCARDED, decidedAt: new Date() };
    await letters.updateMany({ videoId, state: DeadLetterState.OPEN }, { $set: decided }, { session });
  }

  return {
    async delete(videoId, graceMs, session) {
      const current = await videos.findById(videoId, { generation: 1 }, { session }).lean<Video>();
      if (!current) return undefined;
      const ref = { videoId, generation: current.generation };
      const how = { status: VideoStatus.STOPPED, reason: 'It was deleted.' };
      const ended = await deps.generations.end(ref, how, session);
      // As it is stored, also what is not read by others.
      const video = await videos.collection.findOneAndDelete({ _id: videoId as never }, { session });
      if (!video) return undefined;
      const now = new Date();
      const { organizationId, projectId, receivedAt, source, sourceRemovedAt } = video as unknown as Video;
      const { sizeBytes, durationSeconds } = source ?? {};
      await uploads.updateOne(
        { videoId, status: { $in: [...awaitedUploads] } },
        { $set: { status: UploadStatus.FAILED, errorCode: 'STOPPED', endedAt: now } },
        { session },
      );
      const isPurged = graceMs === 0;
      const entry = {
        ...{ _id: videoId, organizationId, projectId, deletedAt: now },
        usage: { sizeBytes: sourceRemovedAt ? 0 : sizeBytes, durationSeconds, receivedAt },
        purgeAt: new Date(now.getTime() + graceMs),
        ...(isPurged ? { purgedAt: now } : { video, withdrawAt: now }),
      };
      await deleted.collection.insertOne(entry as never, { session, ignoreUndefined: true });
      if (isPurged) await forget(videoId, lastWriteOf(video as unknown as Video, now), session);
      else await removals.forgetBelow(withdrawnKey(videoId), session);
      return { video: video as unknown as Video, wasUnfinished: ended !== undefined };
    },

    async restore(videoId, session) {
      const found = await deleted.collection.findOneAndDelete(
        { _id: videoId as never, video: { $exists: true }, purgeAt: { $gt: new Date() } },
        { session },
      );
      if (!found) return undefined;
      const { video } = found as unknown as DeletedVideo;
      await videos.collection.insertOne(video as never, { session });
      const prefix = withdrawnKey(videoId);
      await removals.add({ container: RemovalContainer.HLS, prefix, windowMs: MARK_WINDOW_MS }, session);
      const restored = await videos
        .findByIdAndUpdate(
          videoId,
          { $inc: { 'progress.sequence': 1 }, $currentDate: { 'progress.at': true } },
          { session, returnDocument: 'after' },
        )
        .lean<Video>();
      return restored ?? undefined;
    },

    async purge(videoId, session) {
      const purged = await deleted
        .findOneAndUpdate(
          { _id: videoId, video: { $exists: true } },
          { $set: { purgedAt: new Date() }, $unset: { video: 1, withdrawAt: 1 } },
          { session },
        )
        .lean<DeletedVideo>();
      if (!purged) return false;
      await forget(videoId, lastWriteOf(purged.video, purged.deletedAt), session);
      return true;
    },
  };
}

/** When the last of those who write blobs of a video was told to end, or a ticket to do so ends. */
function lastWriteOf(video: Video | undefined, deletedAt: Date): Date {
  const { endedAt = deletedAt, uploadExpiresAt = endedAt } = video ?? {};
  return new Date(Math.max(endedAt.getTime(), uploadExpiresAt.getTime()));
}
