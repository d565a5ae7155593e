import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { continues, parseContentRange, requestHeaders, sourceFacts } from './source-facts.js';

const first = {
  'content-length': '1000',
  etag: '"v1"',
  date: 'Thu, 26 Nov 2026 12:00:00 GMT',
  'last-modified': 'Thu, 26 Nov 2026 11:00:00 GMT',
};
const facts = (headers: Record<string, string>, isEncoded = false) =>
  sourceFacts({ status: 200, headers }, isEncoded);
const part = (range: string, headers = {}) => ({
  status: 206,
  headers: { 'content-range': range, ...headers },
});

describe('the first answer of a source', () => {
  it('tells its length, and what one version is known by', () => {
    expect(facts(first)).toMatchObject({ totalBytes: 1_000, validator: '"v1"', canResume: true });
    expect(facts({ ...first, etag: 'W/"v1"' })).toMatchObject({ validator: first['last-modified'] });
    expect(facts({ ...first, etag: 'W/"v1"', 'last-modified': first.date }).validator).toBeUndefined();
    expect(facts({ ...first, etag: '"v1", "v2"' }).etag).toBeUndefined();
  });

  it('tells whether the rest can be asked for', () => {
    expect(facts({ ...first, 'accept-ranges': 'none' }).canResume).toBe(false);
    expect(facts({ 'content-length': '10' }).canResume).toBe(true);
    expect(facts({ etag: '"v1"' }).canResume).toBe(true);
    expect(facts({}).canResume).toBe(false);
    expect(facts(first, true)).toEqual({ canResume: false });
  });

  it.each(['', '-1', '1e3', '10, 10', '9'.repeat(20)])('has no length of %j', (length) => {
    expect(facts({ 'content-length': length }).totalBytes).toBeUndefined();
  });
});

describe('a range', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.option(fc.nat(), { nil: undefined }), (start, length, after) => {
        const end = start + length;
        const totalBytes = after === undefined ? undefined : end + 1 + after;
        expect(parseContentRange(`bytes ${start}-${end}/${totalBytes ?? '*'}`)).toEqual({
          start,
          end,
          totalBytes,
        });
      }),
    );
  });

  it.each(['', 'bytes */10', 'bytes 5-4/10', 'bytes 0-10/10', 'items 0-1/2', 'bytes 0-1', 'bytes -1/2'])(
    'is not %j',
    (text) => {
      expect(parseContentRange(text)).toBeUndefined();
    },
  );
});

describe('a later answer', () => {
  const known = facts(first);

  it('goes on where the first one broke off, and nowhere else', () => {
    fc.assert(
      fc.property(fc.nat(999), fc.nat(999), (offset, start) => {
        expect(continues(known, offset, part(`bytes ${start}-999/1000`))).toBe(start === offset);
      }),
    );
    expect(continues(known, 0, { status: 200, headers: first })).toBe(false);
  });

  it('belongs to the same version, as far as it says', () => {
    const range = 'bytes 500-999/1000';
    expect(continues(known, 500, part(range, { etag: '"v1"' }))).toBe(true);
    expect(continues(known, 500, part('bytes 500-999/*'))).toBe(true);
    expect(continues(known, 500, part(range, { etag: '"v2"' }))).toBe(false);
    expect(continues(known, 500, part(range, { 'last-modified': first.date }))).toBe(false);
    expect(continues(known, 500, part('bytes 500-999/1001'))).toBe(false);
  });

  it('is asked for on the condition that nothing has changed', () => {
    expect(requestHeaders(undefined, 0)).not.toHaveProperty('range');
    expect(requestHeaders(known, 500)).toMatchObject({ range: 'bytes=500-', 'if-range': '"v1"' });
    expect(requestHeaders(facts({ 'content-length': '9' }), 5)).not.toHaveProperty('if-range');
  });
});
