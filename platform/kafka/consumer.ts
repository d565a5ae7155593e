import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from '../logger.js';

export interface KafkaMessage {
  topic: string;
  partition: number;
  offset: string;
  /** When it was sent, milliseconds since 1970. */
  timestamp: string;
  key: string | undefined;
  value: Buffer | null;
}

/** What to read, and for whom; from the first message that is kept, or from what comes after the group was made. */
export interface ConsumeOptions {
  topic: string;
  groupId: string;
  fromBeginning: boolean;
  onMessages: (messages: KafkaMessage[]) => void | Promise<void>;
}

export interface TopicConsumer {
  close(): Promise<void>;
}

// The figures behind these are in docs/adr/0002-kafka-wakes-mongodb-decides.md.
const membership = {
  sessionTimeout: 10_000,
  heartbeatInterval: 1_000,
  maxWaitTimeInMs: 500,
  rebalanceTimeout: 15_000,
};

/** A crashed consumer is built anew after this long, milliseconds. */
const REBUILD_DELAY_MS = 1_000;

/** Reads a topic as a member of a group until closed; built anew where it cannot start or crashes. */
export function createConsumer(
  deps: { kafka: Kafka; log: Logger; ensureTopic: (topic: string) => Promise<void> },
  options: ConsumeOptions,
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
