import { describe, expect, it } from '@jest/globals';
import { acceptsGzip } from './accept-encoding.js';

describe('acceptsGzip', () => {
  it.each(['gzip', 'gzip, deflate, br, zstd', 'br;q=1.0,GZIP;q=0.5', 'x-gzip', '*', 'br, *;q=0.1'])(
    'is true of "%s"',
    (header) => expect(acceptsGzip(header)).toBe(true),
  );

  it.each([
    undefined,
    '',
    'identity',
    'br, deflate',
    'gzip;q=0',
    'gzip; q=0.000, *',
    '*;q=0',
    'gzipped',
    'gzip;q=x',
  ])('is false of "%s"', (header) => expect(acceptsGzip(header)).toBe(false));
});
