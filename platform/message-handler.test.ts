import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { KafkaMessage } from './kafka/consumer.js';
import { handleMessages } from './message-handler.js';

const message = (value: string): KafkaMessage => ({
  ...{ topic: 'films', partition: 0, offset: '1', timestamp: '0', key: 'k' },
  value: Buffer.from(value),
});

it('handles what is understood in order, and keeps the rest for a person', async () => {
  const handled: number[] = [];
  const kept: (string | undefined)[] = [];
  const deadLetters = {
    addMessage: ({ value }: KafkaMessage) => Promise.resolve(void kept.push(value?.toString())),
  };
  const decode = (value: Buffer | null): number | undefined =>
    /^\d+$/.test(String(value)) ? Number(value) : undefined;
  const deps = { deadLetters, log: pino({ level: 'silent' }) };
  await handleMessages(deps, decode, (content) => handled.push(content))([
    ...[message('0'), message('junk'), message('7')],
  ]);
  expect(handled).toEqual([0, 7]);
  expect(kept).toEqual(['junk']);
});
