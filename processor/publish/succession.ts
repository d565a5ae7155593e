import type { ClientSession } from 'mongoose';
import { createBlobRemovals } from '../../platform/blob-removals.js';
import type { Database } from '../../platform/mongo.js';
import { generationPrefix } from '../../schema/blob-paths.js';
import { RemovalContainer } from '../../schema/blob-removal.js';
import { Video } from '../../schema/video.js';

/**
 * Ends the service of the generation that played while this one was made, within the transaction that makes
 * it READY: its files go once those who play them have had `graceSeconds` to finish.
 */
export type Succeed = (video: Video, session: ClientSession) => Promise<Video>;

export function createSuccession(deps: { db: Database; graceSeconds: number }): Succeed {
  const videos = deps.db.model(Video);
  const removals = createBlobRemovals(deps);

  return async (video, session) => {
    const { _id: videoId, served } = video;
    if (!served) return video;
    const prefix = generationPrefix(videoId, served.generation);
    const dueAt = new Date(Date.now() + deps.graceSeconds * 1_000);
    // Nobody has written to it since it was finished.
    await removals.add({ container: RemovalContainer.HLS, prefix, dueAt, windowMs: 0 }, session);
    await videos.updateOne({ _id: videoId }, { $unset: { served: 1 } }, { session });
    return { ...video, served: undefined };
  };
}
