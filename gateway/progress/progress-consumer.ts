import { listenToAll } from '../../platform/broadcast.js';
import type { Broker, KafkaMessage, TopicConsumer } from '../../platform/kafka.js';
import type { Logger } from '../../platform/logger.js';
import { VideoStatus } from '../../schema/enums.js';
import { decodeProgress, topics } from '../../schema/messages.js';
import type { ProgressHub } from './progress-hub.js';

export interface ProgressConsumerDeps {
  broker: Broker;
  hub: Pick<ProgressHub, 'publish'>;
  /** Told of each video that was stopped: this process may be receiving its source. */
  onStopped: (videoId: string) => void;
  /** Keeps a message that nobody understands. */
  onBadMessage: (message: KafkaMessage) => Promise<void>;
  log: Logger;
}

/** Feeds the hub from Kafka. Subscribers get what came before from the database. */
export function startProgressConsumer(deps: ProgressConsumerDeps): TopicConsumer {
  const { hub, log } = deps;

  async function onMessages(messages: KafkaMessage[]): Promise<void> {
    for (const received of messages) {
      const message = decodeProgress(received.value);
      if (!message) {
        log.warn({ key: received.key }, 'progress message not understood');
        await deps.onBadMessage(received);
        continue;
      }
      hub.publish(message);
      if (message.event.status === VideoStatus.STOPPED) deps.onStopped(message.event.videoId);
    }
  }

  return listenToAll(deps, { topic: topics.progress, groupPrefix: 'stream-plus-gateway', onMessages });
}
