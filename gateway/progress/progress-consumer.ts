import { randomUUID } from 'node:crypto';
import type { Broker, KafkaMessage, TopicConsumer } from '../../platform/kafka.js';
import type { Logger } from '../../platform/logger.js';
import { decodeProgress, topics } from '../../schema/messages.js';
import type { ProgressHub } from './progress-hub.js';

/**
 * Feeds the hub from Kafka. Every instance is a group of its own and starts at the end: subscribers get
 * what came before from the database. The group is forgotten when the consumer closes.
 */
export async function consumeProgress(deps: {
  broker: Broker;
  hub: ProgressHub;
  log: Logger;
}): Promise<TopicConsumer> {
  const { broker, hub, log } = deps;
  const groupId = `stream-plus-gateway-${randomUUID()}`;

  function onMessages(messages: KafkaMessage[]): void {
    for (const { key, value } of messages) {
      const message = decodeProgress(value);
      if (message) hub.publish(message);
      else log.warn({ key }, 'progress message not understood; skipped');
    }
  }

  const consumer = await broker.consume({
    topic: topics.progress,
    groupId,
    fromBeginning: false,
    onMessages,
  });
  return {
    async close() {
      await consumer.close();
      await broker.deleteGroup(groupId).catch((err: unknown) => {
        log.info({ err, groupId }, 'consumer group left to expire');
      });
    },
  };
}
