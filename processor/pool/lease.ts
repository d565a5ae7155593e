import { AppError } from '../../schema/errors.js';
import type { Job } from '../../schema/job.js';
import type { Logger } from '../../platform/logger.js';
import type { JobProgress, JobStore } from './job-store.js';

/** A worker's hold on a job while it works: renewed in the background, lost at most once. */
export interface Lease {
  /** Aborted, with an AppError as reason, once the work must not go on. */
  readonly signal: AbortSignal;
  /** Remembers how far the work is; stored with the next renewal. */
  readonly report: (progress: JobProgress) => void;
  /** Ends the renewals. */
  stop(): Promise<void>;
}

/** Progress is stored about once a second; without any, the lease is renewed every third of its length. */
const TICK_MS = 1_000;

/**
 * Holds a claim: aborts with LEASE_LOST when a renewal finds the claim gone, or when none succeeded for
 * as long as the lease lasts, for then somebody else may hold it.
 */
export function holdLease(deps: {
  job: Job;
  store: Pick<JobStore, 'renew'>;
  leaseSeconds: number;
  stopping: AbortSignal;
  log: Logger;
  /** Called after each stored progress. */
  onStored: () => Promise<void>;
}): Lease {
  const { job, store, log } = deps;
  const controller = new AbortController();
  const leaseMs = deps.leaseSeconds * 1_000;
  let progress: JobProgress | undefined;
  let renewedAt = performance.now();
  let running: Promise<void> | undefined;

  async function renew(): Promise<void> {
    const reported = progress;
    progress = undefined;
    const startedAt = performance.now();
    try {
      if (!(await store.renew(job, reported))) return controller.abort(new AppError('LEASE_LOST'));
      renewedAt = startedAt;
      if (reported) await deps.onStored();
    } catch (err) {
      log.warn({ err }, 'lease not renewed');
    }
  }

  const timer = setInterval(
    () => {
      const age = performance.now() - renewedAt;
      if (age > leaseMs) controller.abort(new AppError('LEASE_LOST'));
      if (running || (!progress && age < leaseMs / 3)) return;
      running = renew().finally(() => (running = undefined));
    },
    Math.min(TICK_MS, leaseMs / 4),
  );

  return {
    signal: AbortSignal.any([controller.signal, deps.stopping]),
    report: (latest) => void (progress = latest),
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
