import { describe, expect, it } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import { PassThrough, Readable } from 'node:stream';
import { meteredSource } from './metered-source.js';

const chunks = (...sizes: number[]) => Readable.from(sizes.map((size) => Buffer.alloc(size, 7)));
const rules = { maxBytes: 10, idleMs: 60_000, onBytes: () => undefined };
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe('the bytes of an upload', () => {
  it('pass on unchanged, counted', async () => {
    let counted = 0;
    const metered = meteredSource(chunks(4, 6), { ...rules, onBytes: (bytes) => (counted += bytes.length) });
    expect(await buffer(metered)).toEqual(Buffer.alloc(10, 7));
    expect(counted).toBe(10);
  });

  it('end with UPLOAD_TOO_LARGE one byte over the limit, and close their source', async () => {
    const source = chunks(4, 7);
    await expect(buffer(meteredSource(source, rules))).rejects.toEqual(code('UPLOAD_TOO_LARGE'));
    expect(source.destroyed).toBe(true);
  });

  it('may not be none', async () => {
    await expect(buffer(meteredSource(chunks(), rules))).rejects.toEqual(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'file' } }),
    );
  });

  it('end with UPLOAD_ABORTED when the sender goes away', async () => {
    const source = new PassThrough();
    source.write('ab');
    const reading = buffer(meteredSource(source, rules));
    source.destroy(new Error('Unexpected end of form'));
    await expect(reading).rejects.toEqual(code('UPLOAD_ABORTED'));
  });

  it('end with UPLOAD_ABORTED when the sender pauses for too long', async () => {
    const source = new PassThrough();
    await expect(buffer(meteredSource(source, { ...rules, idleMs: 5 }))).rejects.toEqual(
      code('UPLOAD_ABORTED'),
    );
    expect(source.destroyed).toBe(true);
  });
});
