import type { Logger } from '../../platform/logger.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Job } from '../../schema/job.js';
import type { JobStore } from './job-store.js';

/** Claims taken back in one sweep at most. */
const SWEEP_LIMIT = 100;

/**
 * What keeps work from being forgotten: claims of dead workers go back to the queue, waiting jobs are
 * queued when their time has come, and processes elsewhere are told of due work.
 */
export function createSweeper(deps: {
  store: JobStore;
  queue: Pick<JobQueue, 'hint'>;
  log: Logger;
  /** Slots of this process: at most as many jobs are hinted, the rest follow when slots find work. */
  slots: number;
  /** Called for each claim that was taken back. */
  onLost: (job: Job) => Promise<void>;
}): () => Promise<void> {
  return async () => {
    const lost = await deps.store.takeBackExpired(SWEEP_LIMIT);
    for (const job of lost) {
      deps.log.warn(
        { jobId: job._id, videoId: job.videoId, attempt: job.attempt, workerId: job.workerId },
        'lease ran out; the job is queued again',
      );
      await deps.onLost(job);
    }
    const promoted = await deps.store.promoteDue();
    if (lost.length + promoted > 0) await deps.queue.hint(await deps.store.due(deps.slots));
  };
}
