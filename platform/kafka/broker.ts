import { Kafka, logLevel, type Admin, type RetryOptions, type logCreator } from 'kafkajs';
import { compactedTopics } from '../../schema/messages.js';
import { within } from '../deadline.js';
import type { Logger } from '../logger.js';
import { type ConsumeOptions, createConsumer, type TopicConsumer } from './consumer.js';
import { restIdleQueues } from './idle-queues.js';
import { createPublisher, type Publisher } from './publisher.js';

export interface TopicBounds {
  partition: number;
  first: bigint;
  next: bigint;
}

export interface Broker {
  publisher(): Publisher;
  /**
   * Reads a topic as a member of `groupId` until closed. `onMessages` must return quickly: a slow one would be
   * evicted from the group. The topic is created where it is missing. A consumer that cannot start or crashes is
   * built anew, so a broker that is down only delays the messages.
   */
  consume(options: ConsumeOptions): Promise<TopicConsumer>;
  /**
   * Messages of a topic that a group has not read yet, of the partitions it has read before. Null where Kafka
   * does not tell within LAG_TIMEOUT_MS.
   */
  lag(topic: string, groupId: string): Promise<number | null>;
  /** Where each partition of a topic begins and ends now: offsets of the first message and of the next one. */
  bounds(topic: string): Promise<TopicBounds[]>;
  /** Forgets a consumer group that will not come back. */
  deleteGroup(groupId: string): Promise<void>;
  isReady(): Promise<boolean>;
}

// The figures behind these settings are in docs/adr/0002-kafka-wakes-mongodb-decides.md.
const connecting = { connectionTimeout: 1_000, requestTimeout: 10_000 };
/** Consumers ride out an outage; who publishes or asks whether Kafka is there wants to know soon. */
const patience = { initialRetryTime: 200, maxRetryTime: 2_000, retries: 8 };
const haste = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 2 };

/** Nobody waits longer for a figure that only a person looks at. */
const LAG_TIMEOUT_MS = 1_500;

/** Partitions of a topic that is created here, where the caller does not say. */
const DEFAULT_PARTITIONS = 8;

export function createBroker(deps: {
  brokers: readonly string[];
  clientId: string;
  partitions?: number;
  log: Logger;
}): Broker {
  restIdleQueues();
  const clientWith = (retry: RetryOptions) =>
    new Kafka({
      brokers: [...deps.brokers],
      clientId: deps.clientId,
      logCreator: forwardLogs(deps.log),
      retry,
      ...connecting,
    });
  const patient = clientWith(patience);
  const hasty = clientWith(haste);

  async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Creates the topic where it is missing; two that do so at once do not disturb one another. */
  const ensureTopic = (topic: string): Promise<void> =>
    withAdmin(patient, async (admin) => {
      if ((await admin.listTopics()).includes(topic)) return;
      const created = { topic, numPartitions: deps.partitions ?? DEFAULT_PARTITIONS, ...compaction(topic) };
      await admin.createTopics({ topics: [created], waitForLeaders: true });
    });

  return {
    publisher: () => createPublisher({ kafka: hasty, log: deps.log, ensureTopic }),
    consume: (options) => createConsumer({ kafka: patient, log: deps.log, ensureTopic }, options),
    async lag(topic, groupId) {
      const reading = withAdmin(hasty, (admin) => readLag(admin, topic, groupId));
      try {
        return await within(reading, LAG_TIMEOUT_MS);
      } catch (err) {
        deps.log.info({ err, topic, groupId }, 'lag not known');
        return null;
      }
    },
    bounds: (topic) =>
      withAdmin(hasty, async (admin) =>
        (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
          ...{ partition, first: BigInt(low), next: BigInt(high) },
        })),
      ),
    deleteGroup: (groupId) => withAdmin(hasty, async (admin) => void (await admin.deleteGroups([groupId]))),
    isReady: () => withAdmin(hasty, async (admin) => (await admin.describeCluster()).brokers.length > 0),
  };
}

const compaction = (topic: string) =>
  compactedTopics.includes(topic)
    ? { numPartitions: 1, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }
    : {};

/** A partition the group has never read does not count: what came before the group is not for it. */
async function readLag(admin: Admin, topic: string, groupId: string): Promise<number> {
  const [ends, [read]] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ]);
  const committed = new Map(read?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  return ends.reduce((sum, { partition, high }) => {
    const next = committed.get(partition) ?? -1;
    return next < 0 ? sum : sum + Math.max(0, Number(high) - next);
  }, 0);
}

/** kafkajs logs through our logger, one level quieter: its errors are retried, so nobody must act. */
function forwardLogs(log: Logger): logCreator {
  return () =>
    ({ level, namespace, log: { message, ...rest } }) => {
      const fields = { namespace, detail: rest['error'] as unknown };
      if (level === logLevel.ERROR) log.warn(fields, message);
      else if (level === logLevel.WARN) log.info(fields, message);
      else log.debug(fields, message);
    };
}
