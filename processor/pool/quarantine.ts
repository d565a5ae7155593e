import type { Job, JobLane } from '../../schema/job.js';
import { countLosses } from './failure-policy.js';
import type { ClaimOptions } from './job-store.js';

/** Claims for the slots of one process. */
export interface Quarantine {
  /** The next job of a lane for a slot, or none. */
  claim(lane: JobLane): Promise<Job | undefined>;
  /** A claimed job is not worked on any more. */
  release(job: Job): void;
}

/**
 * Lets at most one job at a time into a process that has lost a worker before: it may be the one that takes
 * workers down. The jobs beside it then lose theirs for the first time, and never meet a second such job:
 * so none comes to `MAX_LOSSES` by its company alone. Slots claim one after the other, since two at once
 * could take one suspect each.
 */
export function createQuarantine(deps: {
  /** Claims the best due job; without suspects, the best of those that never lost a worker. */
  claim: (options: ClaimOptions) => Promise<Job | undefined>;
}): Quarantine {
  let suspect: Job | undefined;
  let lastClaim: Promise<unknown> = Promise.resolve();

  async function claimNext(lane: JobLane): Promise<Job | undefined> {
    const job = await deps.claim({ lane, withSuspects: suspect === undefined });
    if (job && countLosses(job) > 0) suspect = job;
    return job;
  }

  return {
    claim(lane) {
      const claimed = lastClaim.then(() => claimNext(lane));
      lastClaim = claimed.catch(() => undefined);
      return claimed;
    },
    release(job) {
      if (suspect === job) suspect = undefined;
    },
  };
}
