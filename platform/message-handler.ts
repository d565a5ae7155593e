import type { DeadLetters } from './dead-letters.js';
import type { KafkaMessage } from './kafka/consumer.js';
import type { Logger } from './logger.js';

/**
 * Handles each message that `decode` understands. One that nobody understands is kept for a person to look
 * at, and the partition moves on.
 */
export function handleMessages<T>(
  deps: { deadLetters: Pick<DeadLetters, 'addMessage'>; log: Logger },
  decode: (value: Buffer | null) => T | undefined,
  handle: (content: T) => void,
): (messages: KafkaMessage[]) => Promise<void> {
  return async (messages) => {
    for (const message of messages) {
      const content = decode(message.value);
      if (content !== undefined) {
        handle(content);
        continue;
      }
      const { topic, partition, offset, key } = message;
      deps.log.warn({ topic, partition, offset, key }, 'message not understood');
      await deps.deadLetters.addMessage(message);
    }
  };
}
