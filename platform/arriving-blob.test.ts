import { describe, expect, it } from '@jest/globals';
import { FillingBlob } from './arriving-blob.js';
import { BufferBody } from './memory/body.js';

const blobOf = (length: number) => new FillingBlob(BufferBody.ofLength(length));

describe('a blob on its way', () => {
  it('can be read as far as it has come', async () => {
    const blob = blobOf(6);
    const first = blob.beyond(0);
    blob.take(Buffer.from('abc'));
    expect(await first).toBe(3);
    expect(blob.body.bytes(0, blob.filled).toString()).toBe('abc');
    const [second, also] = [blob.beyond(3), blob.beyond(3)];
    blob.take(Buffer.from('def'));
    expect(await Promise.all([second, also])).toEqual([6, 6]);
    await blob.whole;
    expect(blob.body.bytes().toString()).toBe('abcdef');
  });

  it('keeps nothing of the memory that it was given pieces in', () => {
    const blob = blobOf(6);
    const piece = Buffer.from('abc');
    blob.take(piece);
    piece.write('def');
    blob.take(piece);
    expect(blob.body.bytes().toString()).toBe('abcdef');
  });

  it('tells all who wait for it when nothing more comes, and keeps what there is', async () => {
    const blob = blobOf(6);
    blob.take(Buffer.from('abc'));
    expect(await blob.beyond(0)).toBe(3);
    const waiting = [blob.beyond(3), blob.whole];
    blob.fail(new Error('storage is gone'));
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(blob.beyond(3)).rejects.toThrow('storage is gone');
    expect(await blob.beyond(2)).toBe(3);
  });

  it('takes no more than was announced', async () => {
    const blob = blobOf(2);
    blob.take(Buffer.from('ab'));
    expect(() => blob.take(Buffer.from('c'))).toThrow('more than the 2 bytes');
    await expect(blobOf(0).whole).resolves.toBeUndefined();
  });
});
