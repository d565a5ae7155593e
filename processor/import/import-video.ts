import type { Intake } from '../../platform/intake.js';
import type { Database } from '../../platform/mongo.js';
import { readOutsideUrl } from '../../platform/outside-url.js';
import type { AddressRule } from '../../platform/public-address.js';
import { storageExceeded } from '../../platform/quota/quota.js';
import type { UploadQuota } from '../../platform/quota/upload-quota.js';
import { sourceKey } from '../../schema/blob-paths.js';
import { AppError, toAppError } from '../../schema/errors.js';
import type { Job } from '../../schema/job.js';
import type { JobStore } from '../pool/job-store.js';
import type { JobContext, JobHandler } from '../pool/run-job.js';
import type { ImportMetrics } from './import-metrics.js';
import type { ImportedSource, ImportSource } from './import-source.js';
import type { AwaitedImport, ImportTracker } from './import-tracker.js';
import { createProgressReports } from './progress-reports.js';

interface ImportDeps {
  db: Database;
  store: Pick<JobStore, 'complete'>;
  intake: Pick<Intake, 'received' | 'announce'>;
  quota: Pick<UploadQuota, 'storageLeft'>;
  tracker: ImportTracker;
  importSource: ImportSource;
  isAllowed: AddressRule;
  metrics: ImportMetrics;
}

/** IMPORT: streams a source into blob storage, and queues its PLAN in the transaction that ends the claim. */
export function createImportVideo(deps: ImportDeps): JobHandler {
  return async (job, context) => {
    const awaited = await deps.tracker.begin(job);
    if (!awaited) throw new AppError('LEASE_LOST');
    try {
      const imported = await arrive(deps, { job, awaited, context });
      deps.metrics.ended('RECEIVED');
      const { sizeBytes } = imported;
      context.log.info({ host: new URL(awaited.url).host, sizeBytes }, 'source imported');
    } catch (error) {
      deps.metrics.ended(outcomeOf(error, context.signal));
      throw error;
    }
  };
}

/** What tells the work to stop says more than how it broke off. */
function outcomeOf(error: unknown, { aborted, reason }: AbortSignal): string {
  if (!aborted) return toAppError(error, 'INTERNAL').code;
  return reason instanceof AppError ? reason.code : 'RELEASED';
}

interface Import {
  job: Job;
  awaited: AwaitedImport;
  context: JobContext;
}

async function arrive(
  { db, store, intake, quota, tracker, importSource, isAllowed, metrics }: ImportDeps,
  { job, awaited, context: { signal, log } }: Import,
): Promise<ImportedSource> {
  const left = await quota.storageLeft(job.organizationId);
  const reports = createProgressReports({ send: (progress) => tracker.arrived(job, progress), log });
  let counted = 0;
  let imported: ImportedSource;
  try {
    imported = await importSource({
      url: readOutsideUrl(awaited.url, isAllowed),
      key: sourceKey(job.videoId),
      checkStorage(bytes) {
        if (left && bytes > left.bytes) throw storageExceeded(left);
      },
      signal,
      onProgress(progress) {
        // A source that is begun anew counts again: it has been sent twice.
        metrics.bytes(Math.max(0, progress.receivedBytes - counted));
        counted = progress.receivedBytes;
        reports.report(progress);
      },
    });
  } finally {
    await reports.end();
  }
  const received = await db.transaction(async (session) => {
    await store.complete(job, undefined, session);
    const file = { filename: awaited.filename, ...imported };
    const upload = await intake.received(job.videoId, file, session);
    if (!upload) throw new AppError('LEASE_LOST');
    return upload;
  });
  intake.announce(received);
  return imported;
}
