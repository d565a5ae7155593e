import { listenToAll } from '../../platform/broadcast.js';
import type { DeadLetters } from '../../platform/dead-letters.js';
import type { Broker } from '../../platform/kafka/broker.js';
import type { TopicConsumer } from '../../platform/kafka/consumer.js';
import type { Logger } from '../../platform/logger.js';
import { handleMessages } from '../../platform/message-handler.js';
import { VideoStatus } from '../../schema/enums.js';
import { decodeProgress, topics } from '../../schema/messages.js';
import type { ProgressHub } from './progress-hub.js';

export interface ProgressConsumerDeps {
  broker: Broker;
  hub: Pick<ProgressHub, 'publish'>;
  /** Told of each video that was stopped: this process may be receiving its source. */
  onStopped: (videoId: string) => void;
  deadLetters: Pick<DeadLetters, 'addMessage'>;
  log: Logger;
}

/** Feeds the hub from Kafka. Subscribers get what came before from the database. */
export function startProgressConsumer(deps: ProgressConsumerDeps): TopicConsumer {
  return listenToAll(deps, {
    topic: topics.progress,
    groupPrefix: 'stream-plus-gateway',
    onMessages: handleMessages(deps, decodeProgress, (message) => {
      deps.hub.publish(message);
      if (message.event.status === VideoStatus.STOPPED) deps.onStopped(message.event.videoId);
    }),
  });
}
