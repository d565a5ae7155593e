import {
  Kafka,
  logLevel,
  Partitioners,
  type Consumer,
  type Admin,
  type EachBatchPayload,
  type RetryOptions,
  type logCreator,
} from 'kafkajs';
import { compactedTopics } from '../schema/messages.js';
import { within } from './deadline.js';
import { restIdleQueues } from './kafka-queues.js';
import type { Logger } from './logger.js';

export interface KafkaMessage {
  topic: string;
  partition: number;
  offset: string;
  /** When it was sent, milliseconds since 1970. */
  timestamp: string;
  key: string | undefined;
  value: Buffer | null;
}

/** Without a value: the key means nothing any more (of compacted topics). */
type Messages = readonly { key: string; value: string | null }[];

/** Sends messages that may be lost: the database is the truth and its pollers find what a message missed. */
export interface Publisher {
  /**
   * Resolves within PUBLISH_TIMEOUT_MS to whether the broker has the messages; never rejects. The topic is
   * created where it is missing.
   */
  publish(topic: string, messages: Messages): Promise<boolean>;
  close(): Promise<void>;
}

export interface TopicBounds {
  partition: number;
  first: bigint;
  next: bigint;
}

export interface TopicConsumer {
  close(): Promise<void>;
}

export interface Broker {
  publisher(): Publisher;
  /**
   * Reads a topic as a member of `groupId` until closed. `onMessages` must return quickly: a slow one
   * would be evicted from the group. The topic is created where it is missing. A consumer that cannot start or crashes is built anew, so a broker
   * that is down only delays the messages.
   */
  consume(options: {
    topic: string;
    groupId: string;
    fromBeginning: boolean;
    onMessages: (messages: KafkaMessage[]) => void | Promise<void>;
  }): Promise<TopicConsumer>;
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
const membership = {
  sessionTimeout: 10_000,
  heartbeatInterval: 1_000,
  maxWaitTimeInMs: 500,
  rebalanceTimeout: 15_000,
};
const sending = {
  // Named, or kafkajs warns that the default has changed.
  createPartitioner: Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: false,
};

/** A message that takes longer is as good as lost; whoever published it has work to do. */
const PUBLISH_TIMEOUT_MS = 3_000;

/** Nobody waits longer for a figure that only a person looks at. */
const LAG_TIMEOUT_MS = 1_500;

/** After a failure nothing is sent for this long: an outage must not cost its time-out per message. */
const PAUSE_MS = 1_000;

/** A crashed consumer is built anew after this long, milliseconds. */
const REBUILD_DELAY_MS = 1_000;

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

/** What the broker says of a topic that nobody has created yet. */
function isUnknownTopic(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'type' in cause && cause.type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

function createPublisher(deps: {
  kafka: Kafka;
  log: Logger;
  ensureTopic: (topic: string) => Promise<void>;
}): Publisher {
  const { kafka, log } = deps;
  const producer = kafka.producer(sending);
  let connected: Promise<void> | undefined;
  let pausedUntil = 0;

  async function connect(): Promise<void> {
    connected ??= producer.connect();
    try {
      await connected;
    } catch (error) {
      connected = undefined;
      throw error;
    }
  }

  async function send(topic: string, messages: Messages): Promise<void> {
    await connect();
    const record = { topic, messages: [...messages], acks: -1, timeout: PUBLISH_TIMEOUT_MS };
    try {
      await producer.send(record);
    } catch (error) {
      // Topics that are read here are created by their readers; others when there is something to say.
      if (!isUnknownTopic(error)) throw error;
      await deps.ensureTopic(topic);
      await producer.send(record);
    }
  }

  return {
    async publish(topic, messages) {
      if (messages.length === 0) return true;
      if (performance.now() < pausedUntil) return false;
      try {
        await within(send(topic, messages), PUBLISH_TIMEOUT_MS);
        return true;
      } catch (err) {
        pausedUntil = performance.now() + PAUSE_MS;
        log.warn(
          { err, topic, count: messages.length },
          'message not sent; the database still has its content',
        );
        return false;
      }
    },
    close: () => producer.disconnect(),
  };
}

function createConsumer(
  deps: { kafka: Kafka; log: Logger; ensureTopic: (topic: string) => Promise<void> },
  options: Parameters<Broker['consume']>[0],
): Promise<TopicConsumer> {
  const { kafka, log } = deps;
  let closed = false;
  let consumer: Consumer | undefined;
  let rebuild: NodeJS.Timeout | undefined;

  async function start(): Promise<void> {
    await deps.ensureTopic(options.topic);
    const fresh = kafka.consumer({
      groupId: options.groupId,
      ...membership,
      allowAutoTopicCreation: false,
    });
    fresh.on(fresh.events.CRASH, ({ payload }) => {
      log.warn(
        { err: payload.error, groupId: options.groupId, restart: payload.restart },
        'consumer crashed',
      );
      if (!payload.restart) scheduleRebuild();
    });
    consumer = fresh;
    await fresh.connect();
    await fresh.subscribe({ topic: options.topic, fromBeginning: options.fromBeginning });
    await fresh.run({ eachBatch: ({ batch }: EachBatchPayload) => deliver(batch) });
    if (closed) await fresh.disconnect();
  }

  async function deliver({ topic, partition, messages }: EachBatchPayload['batch']): Promise<void> {
    await options.onMessages(
      messages.map(({ key, value, offset, timestamp }) => ({
        ...{ topic, partition, offset, timestamp, value },
        key: key?.toString(),
      })),
    );
  }

  function scheduleRebuild(): void {
    if (closed) return;
    clearTimeout(rebuild);
    rebuild = setTimeout(() => void restart(), REBUILD_DELAY_MS);
  }

  async function restart(): Promise<void> {
    try {
      await consumer?.disconnect();
      if (!closed) await start();
    } catch (err) {
      log.warn({ err, groupId: options.groupId }, 'consumer not running yet');
      scheduleRebuild();
    }
  }

  const handle: TopicConsumer = {
    async close() {
      closed = true;
      clearTimeout(rebuild);
      await consumer?.disconnect();
    },
  };
  return restart().then(() => handle);
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
