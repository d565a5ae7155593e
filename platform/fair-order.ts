import { Priority } from '../schema/enums.js';
import { jobClasses, type JobClass } from '../schema/job.js';

/** One of the queues that an organization has in the fair order. */
export type FlowName = `${Priority}_${JobClass}`;

/** The most urgent first: what a video's priority says, then what its job is for. */
export const flowNames: readonly FlowName[] = [Priority.HIGH, Priority.NORMAL, Priority.LOW].flatMap(
  (priority) => jobClasses.map((jobClass): FlowName => `${priority}_${jobClass}`),
);

/** Work to be placed in the fair order: what it costs, in predicted work-seconds. */
export interface RankRequest {
  flow: FlowName;
  cost: number;
}

type PerFlow<T> = Record<FlowName, T>;

const perFlow = <T>(value: (flow: FlowName) => T): PerFlow<T> =>
  Object.fromEntries(flowNames.map((flow) => [flow, value(flow)])) as PerFlow<T>;

/** Sum of the costs of each flow. */
export function costByFlow(requests: readonly RankRequest[]): PerFlow<number> {
  const total = perFlow(() => 0);
  for (const { flow, cost } of requests) total[flow] += cost;
  return total;
}

/**
 * Ranks of `requests`, given the organization's virtual finish times after they were charged.
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996): within a flow each job starts where the
 * previous one of the organization ends.
 */
export function ranksFrom(
  finish: Readonly<Record<string, number>>,
  requests: readonly RankRequest[],
): number[] {
  const charged = costByFlow(requests);
  const next = perFlow((flow) => (finish[flow] ?? 0) - charged[flow]);
  return requests.map(({ flow, cost }) => {
    const rank = next[flow];
    next[flow] += cost;
    return rank;
  });
}

/**
 * Finish times after charging `costs` at virtual time `now`. What is charged to a flow is charged to
 * the less urgent ones too: an organization has one share however it spreads over them.
 */
export function chargeExpression(costs: PerFlow<number>, now: number): PerFlow<object> {
  let charged = 0;
  return perFlow((flow) => {
    charged += costs[flow];
    return { $add: [{ $max: [now, { $ifNull: [`$finish.${flow}`, 0] }] }, charged] };
  });
}
