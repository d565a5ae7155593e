import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { count, parseConfig, port, sharedSettings } from './config.js';

const settings = z.object({ PORT: port(4000), LIMIT: count(3, 10), MONGO_URL: sharedSettings.MONGO_URL });
const url = 'mongodb://127.0.0.1/x';

describe('parseConfig', () => {
  it('takes defaults for what is not set or empty, and freezes the result', () => {
    const config = parseConfig(settings, { MONGO_URL: url, PORT: '', OTHER: 'x' });
    expect(config).toEqual({ PORT: 4000, LIMIT: 3, MONGO_URL: url });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every bad variable at once', () => {
    const parse = () => parseConfig(settings, { PORT: '70000', LIMIT: 'many' });
    expect(parse).toThrow(/PORT: .*\n\s+LIMIT: .*\n\s+MONGO_URL: must be a mongodb:\/\/ URL/);
  });

  it('accepts key rings of whole keys only', () => {
    const key = 'A'.repeat(43);
    const ring = z.object({ STREAM_KEYS: sharedSettings.STREAM_KEYS });
    expect(parseConfig(ring, { STREAM_KEYS: `k1:${key},k2:${key}` }).STREAM_KEYS).toContain('k2');
    expect(() => parseConfig(ring, { STREAM_KEYS: `k1:${key.slice(1)}` })).toThrow(
      /STREAM_KEYS: must be <kid>/,
    );
  });
});
