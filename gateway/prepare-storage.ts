import type { BlobContainer } from '../platform/blob.js';
import type { Database } from '../platform/mongo.js';
import { ApiKey } from '../schema/api-key.js';
import { Organization } from '../schema/organization.js';
import { Project } from '../schema/project.js';
import { Video } from '../schema/video.js';

/** Creates what is missing of indexes and the container; each process may do it again. */
export async function prepareStorage(deps: { db: Database; blobs: BlobContainer }): Promise<void> {
  await Promise.all([deps.db.ensureIndexes([ApiKey, Organization, Project, Video]), deps.blobs.ensure()]);
}
