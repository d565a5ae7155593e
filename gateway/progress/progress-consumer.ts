import { randomUUID } from 'node:crypto';
import { within } from '../../platform/deadline.js';
import type { Broker, KafkaMessage, TopicConsumer } from '../../platform/kafka.js';
import type { Logger } from '../../platform/logger.js';
import { decodeProgress, topics } from '../../schema/messages.js';
import type { ProgressHub } from './progress-hub.js';

export interface ProgressConsumerDeps {
  broker: Broker;
  hub: ProgressHub;
  log: Logger;
}

/** A broker that is down must not hold up the end of the process, milliseconds. */
const CLOSE_MS = 5_000;

/**
 * Feeds the hub from Kafka, as soon as Kafka can be reached. Every instance is a group of its own and
 * starts at the end: subscribers get what came before from the database. The group is forgotten when the
 * consumer closes.
 */
export function startProgressConsumer(deps: ProgressConsumerDeps): TopicConsumer {
  const { broker, hub, log } = deps;
  const groupId = `stream-plus-gateway-${randomUUID()}`;

  function onMessages(messages: KafkaMessage[]): void {
    for (const { key, value } of messages) {
      const message = decodeProgress(value);
      if (message) hub.publish(message);
      else log.warn({ key }, 'progress message not understood; skipped');
    }
  }

  async function stop(): Promise<void> {
    await (await consuming).close();
    await broker.deleteGroup(groupId);
  }

  const consuming = broker.consume({ topic: topics.progress, groupId, fromBeginning: false, onMessages });
  return {
    close: () =>
      within(stop(), CLOSE_MS).catch((err: unknown) => {
        log.info({ err, groupId }, 'consumer group left to expire');
      }),
  };
}
