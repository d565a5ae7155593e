import type { Database } from '../../platform/mongo.js';
import { PlaybackDay, VideoDay } from '../../schema/playback-day.js';
import { PlaybackSession } from '../../schema/playback-session.js';
import { sessionTotals } from '../../schema/session-totals.js';
import { newestSession, olderSessions, sessionPosition } from './session-page.js';
import { type Page, type PageArgs, pageOf, rowsToRead } from '../paging/page.js';
import { type DayRenditions, type DayTotals, renditionsOf, totalsOf } from './day-pipelines.js';
import { type Day, daysFrom, firstOpenDay } from './days.js';
import { everyDay, joinDays } from './playback-stats.js';

/** What was played. */
export interface PlaybackStatsStore {
  /** Every day from one to another. */
  days(projectId: string, range: { from: Day; to: Day }): Promise<PlaybackDay[]>;
  /** Views of each of these videos since it was made, in their order. */
  viewsOf(videoIds: readonly string[]): Promise<number[]>;
  /** Of a video, those that began last first. */
  sessions(videoId: string, args: PageArgs): Promise<Page<PlaybackSession>>;
}

/** A query may keep the database busy for this long, milliseconds. */
const MAX_TIME_MS = 10_000;

export function createPlaybackStatsStore(deps: { db: Database; now?: () => number }): PlaybackStatsStore {
  const { db, now = Date.now } = deps;
  const sessions = db.model(PlaybackSession);
  const closedDays = db.model(PlaybackDay);
  const options = { maxTimeMS: MAX_TIME_MS };

  const closed = (projectId: string, day: object): Promise<PlaybackDay[]> =>
    closedDays.find({ projectId, day }).setOptions(options).lean<PlaybackDay[]>();

  async function open(projectId: string, days: readonly Day[]): Promise<PlaybackDay[]> {
    if (days.length === 0) return [];
    const match = { day: { $in: days }, projectId };
    const [totals, renditions] = await Promise.all([
      sessions.aggregate<DayTotals>(totalsOf(match)).option(options),
      sessions.aggregate<DayRenditions>(renditionsOf(match)).option(options),
    ]);
    return joinDays(totals, renditions);
  }

  return {
    async days(projectId, range) {
      const { from, to } = range;
      const firstOpen = firstOpenDay(now());
      const isOpen = (day: Day) => day >= firstOpen;
      const known = await Promise.all([
        closed(projectId, { $gte: from, $lte: to, $lt: firstOpen }),
        // What begins later than now has not begun.
        open(projectId, daysFrom(from, to).filter(isOpen).slice(0, 4)),
      ]);
      return everyDay(projectId, range, known.flat());
    },

    async viewsOf(videoIds) {
      const firstOpen = firstOpenDay(now());
      const rows = await sessions
        .aggregate<{ _id: string; views: number }>([
          { $match: { videoId: { $in: videoIds }, day: { $gte: firstOpen }, viewed: true } },
          { $group: { _id: '$videoId', views: { $sum: 1 } } },
          {
            $unionWith: {
              coll: db.model(VideoDay).collection.name,
              pipeline: [
                { $match: { videoId: { $in: videoIds }, day: { $lt: firstOpen } } },
                { $group: { _id: '$videoId', views: { $sum: '$views' } } },
              ],
            },
          },
          { $group: { _id: '$_id', views: { $sum: '$views' } } },
        ])
        .option(options);
      const byId = new Map(rows.map(({ _id, views }) => [_id, views]));
      return videoIds.map((videoId) => byId.get(videoId) ?? 0);
    },

    async sessions(videoId, args) {
      const rows = await sessions
        .aggregate<PlaybackSession>([
          { $match: { $and: [{ videoId }, olderSessions(args)] } },
          { $sort: newestSession },
          { $limit: rowsToRead(args) },
          { $set: sessionTotals },
        ])
        .option(options);
      return pageOf(rows, args, sessionPosition);
    },
  };
}
