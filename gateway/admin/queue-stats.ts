import type { OrganizationQueue, QueueStats } from './admin-types.js';

/** What one organization has in one state of the queue. */
export interface QueueCount {
  organizationId: string;
  isDue: boolean;
  count: number;
  /** Predicted seconds of work. */
  work: number;
  /** Of the oldest PLAN or CHUNK job. */
  oldest?: Date | null;
}

/** Organizations that are shown. */
const MAX_ORGANIZATIONS = 100;

/** The queue from its counts; ages are those at `now`. */
export function queueStats(counts: readonly QueueCount[], lag: number | null, now: Date): QueueStats {
  const perOrganization = [...Map.groupBy(counts, ({ organizationId }) => organizationId)]
    .map(([organizationId, own]): OrganizationQueue => ({ organizationId, ...totals(own, now) }))
    .toSorted((a, b) => b.workSecondsQueued - a.workSecondsQueued)
    .slice(0, MAX_ORGANIZATIONS);
  return { ...totals(counts, now), perOrganization, lag };
}

function totals(counts: readonly QueueCount[], now: Date): Omit<OrganizationQueue, 'organizationId'> {
  const due = counts.filter(({ isDue }) => isDue);
  const oldest = Math.min(...due.map((count) => count.oldest?.getTime() ?? Infinity));
  return {
    depth: counts.reduce((sum, { count }) => sum + count, 0),
    dueNow: due.reduce((sum, { count }) => sum + count, 0),
    workSecondsQueued: counts.reduce((sum, { work }) => sum + work, 0),
    oldestWaitingSeconds: oldest === Infinity ? null : Math.max(0, (now.getTime() - oldest) / 1_000),
  };
}
