import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createBroker } from '../../platform/kafka/broker.js';
import type { KafkaMessage } from '../../platform/kafka/consumer.js';
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
    async until(passes: (message: KafkaMessage) => boolean): Promise<KafkaMessage[]> {
      while (!messages.some(passes)) {
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
    // Another key may be on another partition, and come in between or first.
    await publisher.publish(topic, [
      { key: 'other', value: '' },
      { key: 'k', value: 'last' },
    ]);
    const received = await inbox.until(({ value }) => value?.toString() === 'last');
    const own = received.filter(({ key }) => key === 'k').map(({ value }) => value?.toString());
    expect(own).toEqual([...values, 'last']);
    await consumer.close();
    await broker.deleteGroup(groupId);
    await publisher.close();
  });

  it('creates the topic of a message that nobody has read yet', async () => {
    const topic = `test-${randomUUID()}`;
    const publisher = broker.publisher();
    expect(await publisher.publish(topic, [{ key: 'k', value: 'first' }])).toBe(true);
    expect(await publisher.publish(topic, [{ key: 'k', value: 'second' }])).toBe(true);
    const inbox = createInbox();
    const groupId = `test-${randomUUID()}`;
    const consumer = await broker.consume({ topic, groupId, fromBeginning: true, ...inbox });
    const received = await inbox.until(({ value }) => value?.toString() === 'second');
    expect(received.map(({ value }) => value?.toString())).toEqual(['first', 'second']);
    await consumer.close();
    await broker.deleteGroup(groupId);
    await publisher.close();
  });

  it('tells how much of a topic a group has not read yet', async () => {
    const topic = `test-${randomUUID()}`;
    const groupId = `test-${randomUUID()}`;
    const publisher = broker.publisher();
    const inbox = createInbox();
    const consumer = await broker.consume({ topic, groupId, fromBeginning: true, ...inbox });
    await publisher.publish(topic, [{ key: 'k', value: 'read' }]);
    await inbox.until(({ key }) => key === 'k');
    await consumer.close();
    await publisher.publish(
      topic,
      ['1', '2', '3'].map((value) => ({ key: 'k', value })),
    );
    expect(await broker.lag(topic, groupId)).toBe(3);
    expect(await broker.lag(topic, `test-${randomUUID()}`)).toBe(0);
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

describe('the lag', () => {
  it('is not known where the broker is down', async () => {
    const nobody = createBroker({ brokers: ['127.0.0.1:1'], clientId: 'test', log: quietLog });
    expect(await nobody.lag('topic', 'group')).toBeNull();
  });
});
