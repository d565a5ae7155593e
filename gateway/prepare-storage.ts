import type { BlobContainer } from '../platform/blob.js';
import type { Database } from '../platform/mongo.js';
import { ApiKey } from '../schema/api-key.js';
import { AuditEntry } from '../schema/audit-entry.js';
import { BlobRemoval } from '../schema/blob-removal.js';
import { DeadLetter } from '../schema/dead-letter.js';
import { DispatchClock, Flow } from '../schema/dispatch-state.js';
import { Job } from '../schema/job.js';
import { Organization } from '../schema/organization.js';
import { Project } from '../schema/project.js';
import { Video } from '../schema/video.js';
import { Worker } from '../schema/worker.js';

/** Creates what is missing of indexes and the container; each process may do it again. */
export async function prepareStorage(deps: { db: Database; blobs: BlobContainer }): Promise<void> {
  const people = [ApiKey, AuditEntry, Organization, Project];
  const work = [BlobRemoval, DeadLetter, DispatchClock, Flow, Job, Video, Worker];
  await Promise.all([deps.db.ensureIndexes([...people, ...work]), deps.blobs.ensure()]);
}
