import type { Database } from '../../platform/mongo.js';
import type { VideoStatus } from '../../schema/enums.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import type { ProcessingStats } from './admin-types.js';
import { type EndedCount, processingFigures } from './processing-stats.js';

/** What was processed lately; every query reads an index alone. */
export interface ProcessingStatsStore {
  read(): Promise<ProcessingStats>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_SAMPLES = 10_000;

type EndedRow = Omit<EndedCount, 'status'> & { _id: { status: VideoStatus; isLastHour: boolean } };
type PlayableRow = Pick<Video, 'playableAt' | 'queuedAt'>;

const wallSeconds = { $divide: [{ $subtract: ['$endedAt', '$queuedAt'] }, 1_000] };
/** Of videos whose both ends are known; the sum of nothing is 0. */
const known = (value: unknown) => ({
  $sum: {
    $cond: [{ $and: [{ $gt: ['$queuedAt', null] }, { $gt: ['$source.durationSeconds', null] }] }, value, 0],
  },
});

export function createProcessingStatsStore(deps: {
  db: Database;
  maxTimeMs: number;
  now?: () => number;
}): ProcessingStatsStore {
  const videos = deps.db.model(Video);
  const jobs = deps.db.model(Job);
  const now = deps.now ?? Date.now;
  const { maxTimeMs: maxTimeMS } = deps;

  const ended = (hourAgo: Date, dayAgo: Date): Promise<EndedRow[]> =>
    videos
      .aggregate<EndedRow>([
        { $match: { endedAt: { $gte: dayAgo } } },
        {
          $group: {
            _id: { status: '$status', isLastHour: { $gte: ['$endedAt', hourAgo] } },
            count: { $sum: 1 },
            mediaSeconds: known('$source.durationSeconds'),
            wallSeconds: known(wallSeconds),
          },
        },
      ])
      .option({ maxTimeMS });

  const retried = (since: Date): Promise<number> =>
    jobs.countDocuments({ retriedAt: { $gte: since } }).maxTimeMS(maxTimeMS);

  const playable = (since: Date): Promise<PlayableRow[]> =>
    videos
      .find({ playableAt: { $gte: since } }, { _id: 0, playableAt: 1, queuedAt: 1 })
      .sort({ playableAt: -1 })
      .limit(MAX_SAMPLES)
      .maxTimeMS(maxTimeMS)
      .lean<PlayableRow[]>();

  return {
    async read() {
      const hourAgo = new Date(now() - HOUR_MS);
      const dayAgo = new Date(now() - DAY_MS);
      const [rows, lastHour, lastDay, samples] = await Promise.all([
        ended(hourAgo, dayAgo),
        retried(hourAgo),
        retried(dayAgo),
        playable(dayAgo),
      ]);
      const ofHour = rows.filter(({ _id }) => _id.isLastHour);
      return {
        lastHour: processingFigures({
          ended: byStatus(ofHour),
          retried: lastHour,
          timesToPlayable: times(samples.filter(({ playableAt }) => playableAt && playableAt >= hourAgo)),
        }),
        lastDay: processingFigures({
          ended: byStatus(rows),
          retried: lastDay,
          timesToPlayable: times(samples),
        }),
      };
    },
  };
}

/** The counts of each status, of the last hour and of the time before together. */
function byStatus(rows: readonly EndedRow[]): EndedCount[] {
  return [...Map.groupBy(rows, ({ _id }) => _id.status)].map(([status, same]) => ({
    status,
    count: same.reduce((sum, { count }) => sum + count, 0),
    mediaSeconds: same.reduce((sum, { mediaSeconds }) => sum + mediaSeconds, 0),
    wallSeconds: same.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
  }));
}

const times = (rows: readonly PlayableRow[]): number[] =>
  rows.flatMap(({ playableAt, queuedAt }) =>
    playableAt && queuedAt ? [Math.max(0, (playableAt.getTime() - queuedAt.getTime()) / 1_000)] : [],
  );
