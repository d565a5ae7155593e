import { describe, expect, it } from '@jest/globals';
import { processorConfig } from './config.js';

const required = {
  KAFKA_BROKERS: 'kafka:9092',
  MONGO_URL: 'mongodb://mongo/stream-plus',
  AZURE_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
};

describe('processorConfig', () => {
  it('takes a range of slots', () => {
    const config = processorConfig({ ...required, CONSUMERS_MIN: '2', CONSUMERS_MAX: '2' });
    expect(config).toMatchObject({ CONSUMERS_MIN: 2, CONSUMERS_MAX: 2 });
  });

  it('refuses a range that is none, and says what it should be', () => {
    const read = () => processorConfig({ ...required, CONSUMERS_MIN: '3', CONSUMERS_MAX: '2' });
    expect(read).toThrow('CONSUMERS_MIN: must be at most CONSUMERS_MAX, which is 2');
  });

  it('refuses a load that no machine has', () => {
    expect(() => processorConfig({ ...required, CONSUMERS_MAX_LOAD: '85' })).toThrow('CONSUMERS_MAX_LOAD');
  });
});
