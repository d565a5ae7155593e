import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createBroker, type KafkaMessage } from '../../platform/kafka.js';
import { quietLog, stackSetting } from '../support/test-database.js';

const broker = createBroker({
  brokers: stackSetting('KAFKA_BROKERS').split(','),
  clientId: 'test',
  log: quietLog,
});

/** Collects messages and waits for one. */
function createInbox() {
  const messages: KafkaMessage[] = [];
  const arrived = new EventTarget();
  return {
    onMessages: (batch: KafkaMessage[]) => {
      messages.push(...batch);
      arrived.dispatchEvent(new Event('batch'));
    },
    async until(key: string): Promise<KafkaMessage[]> {
      while (!messages.some((message) => message.key === key)) {
        await new Promise((resolve) => arrived.addEventListener('batch', resolve, { once: true }));
      }
      return messages;
    },
  };
}

describe('the broker', () => {
  it('creates the topic of a consumer and delivers in order within a key', async () => {
    const topic = `test-${randomUUID()}`;
    const publisher = broker.publisher();
    const inbox = createInbox();
    const groupId = `test-${randomUUID()}`;
    const consumer = await broker.consume({ topic, groupId, fromBeginning: true, ...inbox });
    const values = ['1', '2', '3'];
    expect(
      await publisher.publish(
        topic,
        values.map((value) => ({ key: 'k', value })),
      ),
    ).toBe(true);
    await publisher.publish(topic, [
      { key: 'k', value: 'last' },
      { key: 'end', value: '' },
    ]);
    const received = await inbox.until('end');
    const own = received.filter(({ key }) => key === 'k').map(({ value }) => value?.toString());
    expect(own).toEqual([...values, 'last'].slice(0, own.length));
    expect(own.length).toBeGreaterThan(0);
    await consumer.close();
    await broker.deleteGroup(groupId);
    await publisher.close();
  });

  it('is ready', async () => {
    expect(await broker.isReady()).toBe(true);
  });
});

describe('a publisher whose broker is down', () => {
  it('answers that the messages are not sent, and does not reject', async () => {
    const nobody = createBroker({ brokers: ['127.0.0.1:1'], clientId: 'test', log: quietLog });
    const publisher = nobody.publisher();
    expect(await publisher.publish('topic', [{ key: 'k', value: 'v' }])).toBe(false);
    expect(await publisher.publish('topic', [{ key: 'k', value: 'v' }])).toBe(false);
    await publisher.close();
  });
});
