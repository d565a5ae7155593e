import { describe, expect, it } from '@jest/globals';
import { streamerConfig } from './config.js';

const env = {
  MONGO_URL: 'mongodb://127.0.0.1/test',
  KAFKA_BROKERS: '127.0.0.1:9092',
  AZURE_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
  STREAM_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64url')}`,
};

describe('streamerConfig', () => {
  it('suits one machine by default', () => {
    const local = { STREAMER_PORT: 4001, PUBLIC_STREAM_URL: 'http://127.0.0.1:4001', HOST: '127.0.0.1' };
    expect(streamerConfig(env)).toMatchObject({ ...local, SEGMENT_CACHE_BYTES: 268_435_456 });
  });

  it('derives the public URL from the port unless it is given', () => {
    expect(streamerConfig({ ...env, STREAMER_PORT: '5' }).PUBLIC_STREAM_URL).toBe('http://127.0.0.1:5');
    const given = { ...env, PUBLIC_STREAM_URL: 'https://play.example/' };
    expect(streamerConfig(given).PUBLIC_STREAM_URL).toBe('https://play.example');
  });

  it('names what is wrong', () => {
    expect(() => streamerConfig({ ...env, PUBLIC_STREAM_URL: 'ftp://a', STREAM_KEYS: 'k' })).toThrow(
      /STREAM_KEYS: must be <kid>[^]*PUBLIC_STREAM_URL: must be an http/,
    );
  });
});
