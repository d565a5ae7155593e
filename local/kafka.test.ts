import { expect, it } from '@jest/globals';
import { kafkaProperties } from './kafka.js';

it('runs one node that listens on this machine alone', () => {
  const lines = kafkaProperties('/data/logs', { kafka: 1, controller: 2 }).trim().split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'process.roles=broker,controller',
      'listeners=PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2',
      'advertised.listeners=PLAINTEXT://127.0.0.1:1',
      'log.dirs=/data/logs',
      'auto.create.topics.enable=false',
    ]),
  );
  expect(lines.filter((line) => !/^[a-z.]+=\S+$/.test(line))).toEqual([]);
});
