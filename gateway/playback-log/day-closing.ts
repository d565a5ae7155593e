import type { Database } from '../../platform/mongo.js';
import { ClosedDay, PlaybackDay, VideoDay } from '../../schema/playback-day.js';
import { PlaybackSession } from '../../schema/playback-session.js';
import { renditionsOf, totalsOf, videoViewsOf } from './day-pipelines.js';
import { lastCompleteDay } from './days.js';

/**
 * Sums up the sessions of one complete day that is not yet, so that its figures outlive them. All of it follows from the
 * sessions and replaces what was there: two gateways at once, or one that dies and another, come to the same.
 * Resolves to how many days that were.
 */
export function createDayClosing(deps: { db: Database; now?: () => number }): () => Promise<number> {
  const { db, now = Date.now } = deps;
  const sessions = db.model(PlaybackSession);
  const closed = db.model(ClosedDay);

  const into = (coll: string) => ({
    $merge: {
      into: coll,
      on: '_id' as const,
      whenMatched: 'merge' as const,
      whenNotMatched: 'insert' as const,
    },
  });

  return async () => {
    const days = await sessions.distinct('day', { day: { $lte: lastCompleteDay(now()) } });
    const known = new Set(await closed.distinct('_id', { _id: { $in: days } }));
    const [day] = days.filter((one) => !known.has(one)).toSorted();
    if (day === undefined) return 0;
    const playbackDays = into(db.model(PlaybackDay).collection.name);
    await sessions.aggregate([...totalsOf({ day }), playbackDays]);
    await sessions.aggregate([...renditionsOf({ day }), playbackDays]);
    await sessions.aggregate([...videoViewsOf({ day }), into(db.model(VideoDay).collection.name)]);
    await closed.updateOne({ _id: day }, { $set: { closedAt: new Date(now()) } }, { upsert: true });
    return 1;
  };
}
