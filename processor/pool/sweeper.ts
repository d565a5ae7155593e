import type { DeadLetters } from '../../platform/dead-letters.js';
import type { Logger } from '../../platform/logger.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { JobRunner } from './run-job.js';
import type { JobStore } from './job-store.js';

/** Claims looked at, and letters sent, in one sweep at most. */
const SWEEP_LIMIT = 100;

/**
 * What keeps work from being forgotten: claims of dead workers go back to the queue, waiting jobs are
 * queued when their time has come, processes elsewhere are told of due work, and the topic of dead
 * letters gets what it does not have yet.
 */
export function createSweeper(deps: {
  store: JobStore;
  queue: Pick<JobQueue, 'hint'>;
  deadLetters: Pick<DeadLetters, 'publishPending'>;
  recover: JobRunner['recover'];
  log: Logger;
  /** Slots of this process: at most as many jobs are hinted, the rest follow when slots find work. */
  slots: () => number;
}): () => Promise<void> {
  async function recoverExpired(): Promise<number> {
    let recovered = 0;
    for (const job of await deps.store.expired(SWEEP_LIMIT)) {
      const { _id: jobId, videoId, attempt, workerId } = job;
      if (!(await deps.recover(job))) continue;
      deps.log.warn({ jobId, videoId, attempt, workerId }, 'lease ran out; the job is queued again');
      recovered += 1;
    }
    return recovered;
  }

  return async () => {
    const recovered = await recoverExpired();
    const promoted = await deps.store.promoteDue();
    if (recovered + promoted > 0) await deps.queue.hint(await deps.store.due(deps.slots()));
    await deps.deadLetters.publishPending(SWEEP_LIMIT);
  };
}
