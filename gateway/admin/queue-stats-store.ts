import type { Database } from '../../platform/mongo.js';
import { Job, JobKind, JobState } from '../../schema/job.js';
import type { QueueCount } from './queue-stats.js';

/** Counts of what waits, by organization. */
export interface QueueStatsStore {
  counts(): Promise<QueueCount[]>;
}

type Row = Omit<QueueCount, 'organizationId' | 'isDue'> & { _id: string };

/** FINISH is stored long before it can be due: its age says nothing about the queue. */
const oldest = { $min: { $cond: [{ $eq: ['$kind', JobKind.FINISH] }, null, '$createdAt'] } };
const group = { _id: '$organizationId', count: { $sum: 1 }, work: { $sum: '$cost' } };

export function createQueueStatsStore(deps: { db: Database; maxTimeMs: number }): QueueStatsStore {
  const jobs = deps.db.model(Job);
  const { maxTimeMs: maxTimeMS } = deps;

  /** Reads what is queued, and nothing of what is done. */
  const due = (): Promise<Row[]> =>
    jobs
      .aggregate<Row>([{ $match: { state: JobState.QUEUED } }, { $group: { ...group, oldest } }])
      .hint({ rank: 1, seq: 1 })
      .option({ maxTimeMS });

  const later = (): Promise<Row[]> =>
    jobs
      .aggregate<Row>([
        { $match: { state: JobState.WAITING, availableAt: { $gt: new Date(0) } } },
        { $group: group },
      ])
      .hint({ availableAt: 1 })
      .option({ maxTimeMS });

  const tagged = (rows: readonly Row[], isDue: boolean): QueueCount[] =>
    rows.map(({ _id: organizationId, ...row }) => ({ ...row, organizationId, isDue }));

  return {
    async counts() {
      const [dueNow, tried] = await Promise.all([due(), later()]);
      return [...tagged(dueNow, true), ...tagged(tried, false)];
    },
  };
}
