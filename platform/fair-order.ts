import { jobClasses, type JobClass } from '../schema/job.js';

/** Work to be placed in the fair order: what it costs, in predicted work-seconds. */
export interface RankRequest {
  jobClass: JobClass;
  cost: number;
}

/** Sum of the costs of each class. */
export function costByClass(requests: readonly RankRequest[]): Record<JobClass, number> {
  const total: Record<JobClass, number> = { URGENT: 0, LEAD: 0, REST: 0 };
  for (const { jobClass, cost } of requests) total[jobClass] += cost;
  return total;
}

/**
 * Ranks of `requests`, given the organization's virtual finish times after they were charged.
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996): within a class each job starts where the
 * previous one of the organization ends.
 */
export function ranksFrom(finish: Record<JobClass, number>, requests: readonly RankRequest[]): number[] {
  const charged = costByClass(requests);
  const next: Record<JobClass, number> = { URGENT: 0, LEAD: 0, REST: 0 };
  for (const jobClass of jobClasses) next[jobClass] = finish[jobClass] - charged[jobClass];
  return requests.map(({ jobClass, cost }) => {
    const rank = next[jobClass];
    next[jobClass] += cost;
    return rank;
  });
}

/**
 * Finish times after charging `costs` at virtual time `now`. What is charged to a class is charged to
 * the less urgent ones too: an organization has one share however it spreads over the classes.
 */
export function chargeExpression(costs: Record<JobClass, number>, now: number): Record<JobClass, object> {
  let charged = 0;
  const expression = {} as Record<JobClass, object>;
  for (const jobClass of jobClasses) {
    charged += costs[jobClass];
    expression[jobClass] = { $add: [{ $max: [now, { $ifNull: [`$finish.${jobClass}`, 0] }] }, charged] };
  }
  return expression;
}
