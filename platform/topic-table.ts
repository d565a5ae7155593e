import { listenToAll } from './broadcast.js';
import type { Broker, TopicBounds } from './kafka/broker.js';
import type { KafkaMessage } from './kafka/consumer.js';
import type { Logger } from './logger.js';
import { repeat } from './repeat.js';

/** Reads all of a compacted topic, then what comes. */
export interface TopicTable {
  /** Whether everything has been read that was there at the beginning. */
  isComplete(): boolean;
  close(): Promise<void>;
}

const ASK_EVERY_MS = 500;

/** Reads a topic from its beginning in a group of this process's own. Kafka may be down: then it reads later. */
export function readTable(
  deps: { broker: Broker; log: Logger },
  options: { topic: string; groupPrefix: string; onMessage: (message: KafkaMessage) => void },
): TopicTable {
  const { topic, groupPrefix, onMessage } = options;
  const read = new Map<number, bigint>();
  const closing = new AbortController();
  let bounds: TopicBounds[] | undefined;

  const consumer = listenToAll(deps, {
    ...{ topic, groupPrefix, fromBeginning: true },
    onMessages(messages) {
      for (const message of messages) {
        onMessage(message);
        read.set(message.partition, BigInt(message.offset) + 1n);
      }
    },
  });

  const asked = new AbortController();
  const asking = repeat({
    name: `extent of ${topic}`,
    intervalMs: ASK_EVERY_MS,
    signal: AbortSignal.any([closing.signal, asked.signal]),
    log: deps.log,
    async task() {
      bounds = await deps.broker.bounds(topic);
      asked.abort();
    },
  });

  const isRead = ({ partition, first, next }: TopicBounds): boolean =>
    first === next || (read.get(partition) ?? 0n) >= next;

  return {
    isComplete: () => bounds?.every(isRead) ?? false,
    async close() {
      closing.abort();
      await Promise.all([asking, consumer.close()]);
    },
  };
}
