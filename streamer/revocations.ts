import { Gauge, type Registry } from 'prom-client';
import type { Broker } from '../platform/kafka/broker.js';
import type { KafkaMessage } from '../platform/kafka/consumer.js';
import type { Logger } from '../platform/logger.js';
import { readTable } from '../platform/topic-table.js';
import { decodeRevocation, topics } from '../schema/messages.js';
import type { Revocations } from './admission.js';
import { createRevocationList } from './revocation-list.js';

/** Follows the topic from its first message, so that a streamer that starts knows what others know. */
export function followRevocations(deps: {
  broker: Broker;
  log: Logger;
  registry: Registry;
}): Revocations & { close(): Promise<void> } {
  const list = createRevocationList();

  function take({ key, value, offset }: KafkaMessage): void {
    if (key === undefined) return;
    const revocation = decodeRevocation(value);
    if (value !== null && !revocation) deps.log.error({ key, offset }, 'revocation not understood');
    else list.set(key, revocation);
  }

  const table = readTable(deps, {
    topic: topics.revocations,
    groupPrefix: 'stream-plus-streamer',
    onMessage: take,
  });

  new Gauge({
    name: 'stream_plus_stream_revocations',
    help: 'What may not be played any more: sessions, viewers, videos and keys.',
    registers: [deps.registry],
    collect() {
      this.set(list.size);
    },
  });

  return {
    isRevoked: (claims) => list.isRevoked(claims),
    isComplete: () => table.isComplete(),
    close: () => table.close(),
  };
}
