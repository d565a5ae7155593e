import type { DeadLetters } from '../../platform/dead-letters.js';
import type { KafkaMessage } from '../../platform/kafka.js';
import type { Logger } from '../../platform/logger.js';
import { decodeDispatchHint, decodeStopRequest, type StopRequest } from '../../schema/messages.js';

interface Deps {
  deadLetters: Pick<DeadLetters, 'addMessage'>;
  log: Logger;
}

/** A message that nobody understands is kept for a person to look at, and the partition moves on. */
async function setAside({ deadLetters, log }: Deps, message: KafkaMessage): Promise<void> {
  const { topic, partition, offset } = message;
  log.warn({ topic, partition, offset }, 'message not understood');
  await deadLetters.addMessage(message);
}

/** Hints that work is due: whatever they say, there may be some. */
export function handleHints(deps: Deps, wake: () => void): (messages: KafkaMessage[]) => Promise<void> {
  return async (messages) => {
    wake();
    for (const message of messages) {
      if (!decodeDispatchHint(message.value)) await setAside(deps, message);
    }
  };
}

/** Generations that have ended: work on them stops. */
export function handleStopRequests(
  deps: Deps,
  stop: (request: StopRequest) => void,
): (messages: KafkaMessage[]) => Promise<void> {
  return async (messages) => {
    for (const message of messages) {
      const request = decodeStopRequest(message.value);
      if (request) stop(request);
      else await setAside(deps, message);
    }
  };
}
