import { type Kafka, Partitioners } from 'kafkajs';
import { within } from '../deadline.js';
import type { Logger } from '../logger.js';

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

const sending = {
  // Named, or kafkajs warns that the default has changed.
  createPartitioner: Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: false,
};

/** A message that takes longer is as good as lost; whoever published it has work to do. */
const PUBLISH_TIMEOUT_MS = 3_000;

/** After a failure nothing is sent for this long: an outage must not cost its time-out per message. */
const PAUSE_MS = 1_000;

/** What the broker says of a topic that nobody has created yet. */
function isUnknownTopic(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'type' in cause && cause.type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

/** @param deps.ensureTopic creates a topic where it is missing */
export function createPublisher(deps: {
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
