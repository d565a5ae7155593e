import type { BlobContainer } from '../../platform/blob.js';
import { createGuardedFetch } from '../../platform/guarded-fetch.js';
import { createIntake } from '../../platform/intake.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import { publicAddresses } from '../../platform/public-address.js';
import { createOrganizationLimitsStore } from '../../platform/quota/organization-limits-store.js';
import { createUploadQuota } from '../../platform/quota/upload-quota.js';
import { createUsageStore } from '../../platform/quota/usage-store.js';
import type { ProcessorConfig } from '../config.js';
import type { JobStore } from '../pool/job-store.js';
import type { JobHandler } from '../pool/run-job.js';
import type { ImportMetrics } from './import-metrics.js';
import { createImportSource } from './import-source.js';
import { createImportTracker } from './import-tracker.js';
import { createImportVideo } from './import-video.js';
import { createSourceReader } from './source-reader.js';

const BEGINNINGS = 3;
const BEGIN_ANEW_DELAY_MS = 1_000;

type Settings = Pick<ProcessorConfig, 'IMPORT_ALLOWED_NETWORKS' | 'IMPORT_MAX_SECONDS' | 'MAX_UPLOAD_BYTES'>;

/** The handler of IMPORT jobs, wired. */
export function createImports(deps: {
  config: Settings;
  db: Database;
  uploads: BlobContainer;
  store: JobStore;
  queue: JobQueue;
  publisher: Publisher;
  metrics: ImportMetrics;
  log: Logger;
}): JobHandler {
  const { config, db } = deps;
  const isAllowed = publicAddresses(config.IMPORT_ALLOWED_NETWORKS);
  const quota = createUploadQuota({
    limits: createOrganizationLimitsStore({ db }),
    usage: createUsageStore({ db }),
  });
  const importSource = createImportSource({
    read: createSourceReader({ fetch: createGuardedFetch({ isAllowed }) }),
    blobs: deps.uploads,
    limits: {
      ...{ maxBytes: config.MAX_UPLOAD_BYTES, maxMs: config.IMPORT_MAX_SECONDS * 1_000 },
      ...{ beginnings: BEGINNINGS, beginAnewDelayMs: BEGIN_ANEW_DELAY_MS },
    },
    log: deps.log,
  });
  const tracker = createImportTracker(deps);
  return createImportVideo({
    ...deps,
    ...{ quota, isAllowed, importSource, tracker },
    intake: createIntake({ ...deps, quota }),
  });
}
