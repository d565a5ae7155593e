import type { ClientSession } from 'mongoose';
import type { CaptionsJobs } from '../../platform/captions/captions-jobs.js';
import type { Database } from '../../platform/mongo.js';
import { BlobRemoval } from '../../schema/blob-removal.js';
import { captionsPrefix } from '../../schema/blob-paths.js';
import { type CaptionTrack, noCaptions } from '../../schema/captions.js';
import { UploadStatus, VideoStatus } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { Video } from '../../schema/video.js';
import type { ChangedTracks } from './caption-tracks.js';

/** What a change of a video's captions comes to. */
export interface ChangedCaptions {
  video: Video;
  dropped: CaptionTrack[];
  /** Jobs to hint once it is stored. */
  jobIds: string[];
}

/** Which captions videos have. */
export interface CaptionsStore {
  /**
   * Changes the captions of a video, and has them published where it is READY; where it is not, that follows when
   * it is. What is dropped is removed from what is published.
   * @param edit gets the captions of now and the number of the new revision; may run more than once
   * @throws AppError NOT_FOUND, CONFLICT (status) while its file is not received, and what `edit` throws
   */
  change(
    videoId: string,
    edit: (tracks: readonly CaptionTrack[], revision: number) => ChangedTracks,
  ): Promise<ChangedCaptions>;
}

/** A master that names dropped captions is written anew before they go, unless storage is down, milliseconds. */
const REMOVAL_DELAY_MS = 30_000;
/** Workers that have missed a change may add files for this long, milliseconds. */
const REMOVAL_WINDOW_MS = 5 * 60_000;

export function createCaptionsStore(deps: { db: Database; jobs: CaptionsJobs }): CaptionsStore {
  const videos = deps.db.model(Video);
  const removals = deps.db.model(BlobRemoval);

  async function removeFiles(
    { _id: videoId, generation }: Video,
    dropped: readonly CaptionTrack[],
    session: ClientSession,
  ): Promise<void> {
    const dueAt = new Date(Date.now() + REMOVAL_DELAY_MS);
    const until = new Date(dueAt.getTime() + REMOVAL_WINDOW_MS);
    for (const { id } of dropped) {
      const _id = captionsPrefix(videoId, generation, id);
      await removals.updateOne({ _id }, { $set: { dueAt, until } }, { upsert: true, session });
    }
  }

  return {
    change: (videoId, edit) =>
      deps.db.transaction(async (session) => {
        const before = await videos.findById(videoId).session(session).lean<Video>();
        if (!before) throw new AppError('NOT_FOUND');
        requireReceived(before);
        const { tracks, revision } = before.captions ?? noCaptions;
        const changed = edit(tracks, revision + 1);
        const video = await videos
          .findOneAndUpdate(
            { _id: videoId },
            { $set: { 'captions.tracks': changed.tracks, 'captions.revision': revision + 1 } },
            { session, returnDocument: 'after' },
          )
          .orFail()
          .lean<Video>();
        await removeFiles(video, changed.dropped, session);
        const jobIds = video.status === VideoStatus.READY ? await deps.jobs.queue(video, session) : [];
        return { video, dropped: changed.dropped, jobIds };
      }),
  };
}

/** @throws AppError CONFLICT (status) */
export function requireReceived({ uploadStatus }: Pick<Video, 'uploadStatus'>): void {
  if (uploadStatus === UploadStatus.RECEIVED) return;
  const message = 'Captions can be changed once the file of the video is received.';
  throw new AppError('CONFLICT', { status: uploadStatus, message });
}
