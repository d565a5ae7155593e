import { describe, expect, it } from '@jest/globals';
import { BufferBody } from './memory/body.js';
import { receiveBlob } from './arriving-blob.js';

/** Pieces that come when they are told to. */
function piecemeal() {
  let next = Promise.withResolvers<Buffer | undefined>();
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let piece = await next.promise; piece; piece = await next.promise) {
      next = Promise.withResolvers();
      yield piece;
    }
  }
  return {
    pieces: pieces(),
    send: (text: string) => next.resolve(Buffer.from(text)),
    end: () => next.resolve(undefined),
    fail: (error: Error) => next.reject(error),
  };
}

async function* of(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

describe('a blob on its way', () => {
  it('can be read as far as it has come', async () => {
    const source = piecemeal();
    const arriving = receiveBlob(BufferBody.ofLength(6), source.pieces);
    const first = arriving.beyond(0);
    source.send('abc');
    expect(await first).toBe(3);
    expect(arriving.body.bytes(0, arriving.filled).toString()).toBe('abc');
    const [second, also] = [arriving.beyond(3), arriving.beyond(3)];
    source.send('def');
    expect(await Promise.all([second, also])).toEqual([6, 6]);
    source.end();
    await arriving.whole;
    expect(arriving.body.bytes().toString()).toBe('abcdef');
  });

  it('goes on where it broke off', async () => {
    const asked: number[] = [];
    const arriving = receiveBlob(BufferBody.ofLength(6), of('ab'), (start) => {
      asked.push(start);
      return Promise.resolve(start === 2 ? of('c') : of('de', 'f'));
    });
    await arriving.whole;
    expect(arriving.body.bytes().toString()).toBe('abcdef');
    expect(asked).toEqual([2, 3]);
  });

  it('tells all who wait for it when nothing more comes, and keeps what there is', async () => {
    const source = piecemeal();
    const arriving = receiveBlob(BufferBody.ofLength(6), source.pieces);
    source.send('abc');
    expect(await arriving.beyond(0)).toBe(3);
    const waiting = [arriving.beyond(3), arriving.whole];
    source.fail(new Error('storage is gone'));
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(arriving.beyond(3)).rejects.toThrow('storage is gone');
    expect(await arriving.beyond(2)).toBe(3);
  });

  it('takes neither more nor less than was announced', async () => {
    await expect(receiveBlob(BufferBody.ofLength(2), of('ab', 'c')).whole).rejects.toThrow(
      'more than the 2 bytes',
    );
    await expect(receiveBlob(BufferBody.ofLength(2), of('a')).whole).rejects.toThrow('only 1 of 2 bytes');
    await expect(receiveBlob(BufferBody.ofLength(0), of()).whole).resolves.toBeUndefined();
  });
});
