import type { Database } from '../../platform/mongo.js';
import { DeletedVideo } from '../../schema/deleted-video.js';
import { VideoDay } from '../../schema/playback-day.js';
import { PlaybackSession } from '../../schema/playback-session.js';

/** What streamers had still in memory of a video is sure to be stored this long after it was purged, milliseconds. */
const SETTLED_MS = 10 * 60_000;

/** Videos in one sweep at most. */
const SWEEP_LIMIT = 20;

/**
 * Takes from the sessions of purged videos who watched, from where and by which link; how much was watched stays
 * for the project's statistics. Any process may do it again. Resolves to how many videos that were.
 */
export function createViewerRemoval(deps: { db: Database; now?: () => number }): () => Promise<number> {
  const { db, now = Date.now } = deps;
  const deleted = db.model(DeletedVideo);
  const sessions = db.model(PlaybackSession);

  return async () => {
    const purgedAt = { $lte: new Date(now() - SETTLED_MS) };
    const due = await deleted
      .find({ purgedAt, viewersRemovedAt: { $exists: false } }, { _id: 1 })
      .sort({ purgedAt: 1 })
      .limit(SWEEP_LIMIT)
      .lean<Pick<DeletedVideo, '_id'>[]>();
    for (const { _id: videoId } of due) {
      const personal = { userId: 1, sessionId: 1, address: 1, referrerHost: 1 };
      await sessions.updateMany({ videoId }, { $unset: personal });
      await db.model(VideoDay).deleteMany({ videoId });
      await deleted.updateOne({ _id: videoId }, { $set: { viewersRemovedAt: new Date(now()) } });
    }
    return due.length;
  };
}
