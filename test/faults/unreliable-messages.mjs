/**
 * Loaded into the platform's processes (`node --import`): does to what they send through Kafka what a
 * network may do. `<DATA_DIR>/messages` says what: `triple`, `shuffle`, `lose`, or nothing where it is not there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka } from 'kafkajs';
import { seeded } from './seeded.ts';

/** The latest that a shuffled message is sent, milliseconds. */
const MAX_DELAY_MS = 1_500;

const orders = join(process.env.DATA_DIR ?? '', 'messages');

const random = seeded(1);

function currentOrder() {
  try {
    return readFileSync(orders, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Ways to send a record; each gets the real one. */
const ways = {
  triple: (send, record) => send({ ...record, messages: [1, 2, 3].flatMap(() => record.messages) }),
  // Each message on its own, some time or other: whoever sent it believes that it has arrived.
  shuffle: (send, record) => {
    for (const message of record.messages) {
      const late = () => void send({ ...record, messages: [message] }).catch(() => undefined);
      setTimeout(late, random() * MAX_DELAY_MS).unref();
    }
    return Promise.resolve([]);
  },
  // As if the process had ended right after it had stored what the message is about.
  lose: () => Promise.resolve([]),
};

const createProducer = Kafka.prototype.producer;
Kafka.prototype.producer = function (...options) {
  const producer = createProducer.apply(this, options);
  const { send } = producer;
  producer.send = (record) => (ways[currentOrder()] ?? ((plain, given) => plain(given)))(send, record);
  return producer;
};
