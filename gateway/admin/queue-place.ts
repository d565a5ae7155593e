import { type Job, JobKind, JobState } from '../../schema/job.js';

/** A job in line, as far as it is counted. */
export type LineEntry = Pick<Job, '_id' | 'organizationId'>;

/** What goes before a job. */
export interface QueuePlace {
  /** From 1. */
  position: number;
  aheadOfOwn: number;
  aheadOfOthers: number;
  /** Behind everything that was read of the line: the numbers stand for that or more. */
  isBeyond: boolean;
}

/** What decides about the wait of all jobs alike. */
export interface Dispatching {
  isPaused: boolean;
  hasWorkers: boolean;
}

/**
 * Tells places in `line`, which is the head of the queue in the order of claims, as one organization sees
 * them. A job that is not in it stands behind all of it.
 */
export function placesIn(line: readonly LineEntry[], organizationId: string): (jobId: string) => QueuePlace {
  const places = new Map<string, QueuePlace>();
  let aheadOfOwn = 0;
  line.forEach((entry, index) => {
    const isOwn = entry.organizationId === organizationId;
    const aheadOfOthers = index - aheadOfOwn;
    if (isOwn) places.set(entry._id, { position: index + 1, aheadOfOwn, aheadOfOthers, isBeyond: false });
    if (isOwn) aheadOfOwn += 1;
  });
  const aheadOfOthers = line.length - aheadOfOwn;
  const beyond = { position: line.length + 1, aheadOfOwn, aheadOfOthers, isBeyond: true };
  return (jobId) => places.get(jobId) ?? beyond;
}

/** One sentence on why a job waits; undefined where it does not. */
export function explainWait(
  job: Pick<Job, 'kind' | 'state' | 'jobClass' | 'priority' | 'availableAt' | 'runs'>,
  place: QueuePlace | undefined,
  { isPaused, hasWorkers }: Dispatching,
): string | undefined {
  if (job.state === JobState.WAITING) return explainDelay(job);
  if (job.state !== JobState.QUEUED || !place) return undefined;
  if (isPaused) return `Processing is paused: it stays at place ${place.position}.`;
  if (!hasWorkers) return `No worker is alive: it stays at place ${place.position}.`;
  if (place.position === 1) return 'It is next: the first consumer that is free takes it.';
  const ahead = `${place.isBeyond ? 'At least ' : ''}${count(place.position - 1)} before it`;
  const order =
    place.aheadOfOthers > 0
      ? 'organizations take turns by predicted work'
      : 'within an organization the more urgent goes first, then what was queued first';
  return (
    `${ahead}, ${place.aheadOfOwn} of its own organization and ${place.aheadOfOthers} of others: ` +
    `${order}, and it is ${job.jobClass} of ${job.priority} priority.`
  );
}

function explainDelay({ kind, availableAt, runs }: Pick<Job, 'kind' | 'availableAt' | 'runs'>): string {
  if (availableAt) {
    const { errorCode } = runs.at(-1) ?? {};
    const why = errorCode ? `The last attempt ended with ${errorCode}` : 'The last attempt did not end well';
    return `${why}: it is tried again after ${availableAt.toISOString()}.`;
  }
  return kind === JobKind.FINISH ? 'It waits for the last chunk.' : 'It waits for other jobs of its video.';
}

const count = (jobs: number): string => (jobs === 1 ? '1 job goes' : `${jobs} jobs go`);
