import type { BlobContainer } from '../platform/blob.js';
import type { Broker } from '../platform/kafka.js';
import type { Logger } from '../platform/logger.js';
import type { Database } from '../platform/mongo.js';
import { ApiKey } from '../schema/api-key.js';
import { topics } from '../schema/messages.js';
import { Organization } from '../schema/organization.js';
import { Project } from '../schema/project.js';
import { Video } from '../schema/video.js';

/**
 * Creates what is missing of indexes, containers and topics; each process may do it again. Without Kafka
 * the gateway starts all the same: progress is then read from the database.
 */
export async function prepareStorage(deps: {
  db: Database;
  blobs: BlobContainer;
  broker: Broker;
  partitions: number;
  log: Logger;
}): Promise<void> {
  await Promise.all([
    deps.db.ensureIndexes([ApiKey, Organization, Project, Video]),
    deps.blobs.ensure(),
    deps.broker.ensureTopics(Object.values(topics), deps.partitions).catch((err: unknown) => {
      deps.log.warn({ err }, 'topics not checked: Kafka cannot be reached yet');
    }),
  ]);
}
