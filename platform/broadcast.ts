import { randomUUID } from 'node:crypto';
import { within } from './deadline.js';
import type { Broker } from './kafka/broker.js';
import type { KafkaMessage, TopicConsumer } from './kafka/consumer.js';
import type { Logger } from './logger.js';

/** A broker that is down must not hold up the end of the process, milliseconds. */
const CLOSE_MS = 5_000;

/**
 * Reads what every process of a kind has to hear, as soon as Kafka can be reached: each is a group of its
 * own that starts at the end, unless it is told to start at the beginning, and is forgotten when it closes.
 */
export function listenToAll(
  deps: { broker: Broker; log: Logger },
  options: {
    topic: string;
    /** Of the group's name. */
    groupPrefix: string;
    fromBeginning?: boolean;
    onMessages: (messages: KafkaMessage[]) => void | Promise<void>;
  },
): TopicConsumer {
  const { topic, groupPrefix, fromBeginning = false, onMessages } = options;
  const groupId = `${groupPrefix}-${randomUUID()}`;
  const consuming = deps.broker.consume({ topic, groupId, fromBeginning, onMessages });

  async function stop(): Promise<void> {
    await (await consuming).close();
    await deps.broker.deleteGroup(groupId);
  }

  return {
    close: () =>
      within(stop(), CLOSE_MS).catch((err: unknown) => {
        deps.log.info({ err, groupId }, 'consumer group left to expire');
      }),
  };
}
