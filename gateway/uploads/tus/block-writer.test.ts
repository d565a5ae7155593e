import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createSHA256 } from 'hash-wasm';
import { type BlockSink, type FilledBlock, writeBlocks } from './block-writer.js';

const BLOCK = 10;

/** Keeps what is staged and counted; staging takes turns of the event loop, the later ones less. */
function memorySink(fails: { stage?: number; count?: number } = {}) {
  const bodies: Buffer[] = [];
  const counted: FilledBlock[] = [];
  let staging = 0;
  let mostAtOnce = 0;
  const sink: BlockSink = {
    async stage(block, body) {
      mostAtOnce = Math.max(mostAtOnce, (staging += 1));
      for (let turns = block.index % 2 ? 1 : 5; turns > 0; turns -= 1) await new Promise(setImmediate);
      bodies[block.index] = Buffer.from(body);
      staging -= 1;
      if (fails.stage === block.index) throw new Error('not staged');
    },
    count(block) {
      if (fails.count === block.index) return Promise.reject(new Error('not counted'));
      counted.push(block);
      return Promise.resolve();
    },
  };
  return { sink, counted, stored: () => Buffer.concat(bodies), most: () => mostAtOnce };
}

const pieces = fc.array(fc.uint8Array({ maxLength: 35 }), { maxLength: 12 });
const asBuffers = (arrays: readonly Uint8Array[]) => arrays.map((array) => Buffer.from(array));

describe('the blocks of a stream', () => {
  it('are the stream, however it is cut into requests and pieces, and so is its hash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 5 }), async (requests) => {
        const store = memorySink();
        const hash = await createSHA256();
        hash.init();
        let offset = 0;
        for (const request of requests) {
          const last = store.counted.at(-1);
          if (last?.hashState) hash.load(last.hashState);
          const blockCount = store.counted.length;
          const source = Readable.from(asBuffers(request));
          offset = await writeBlocks(source, {
            offset,
            blockCount,
            blockBytes: BLOCK,
            hash,
            sink: store.sink,
          });
        }
        const whole = Buffer.concat(requests.flatMap(asBuffers));
        expect(store.stored()).toEqual(whole);
        expect(offset).toBe(whole.length);
        expect(store.most()).toBeLessThanOrEqual(2);
        const ends = store.counted.map(({ start, bytes }) => start + bytes);
        expect(ends).toEqual([...ends].sort((a, b) => a - b));
        expect(hash.digest()).toBe(createHash('sha256').update(whole).digest('hex'));
      }),
    );
  });

  it('are counted up to where the source broke off', async () => {
    const store = memorySink();
    const broken = async function* () {
      yield await Promise.resolve(Buffer.alloc(25, 1));
      throw new Error('gone');
    };
    const options = { offset: 0, blockCount: 0, blockBytes: BLOCK, sink: store.sink };
    await expect(writeBlocks(broken(), options)).rejects.toThrow('gone');
    expect(store.counted.map(({ bytes }) => bytes)).toEqual([10, 10, 5]);
  });

  it.each([
    ['staged', { stage: 1 }],
    ['counted', { count: 1 }],
  ])('end before the one that is not %s', async (what, fails) => {
    const store = memorySink(fails);
    const source = Readable.from([Buffer.alloc(100, 1)]);
    const options = { offset: 0, blockCount: 0, blockBytes: BLOCK, sink: store.sink };
    await expect(writeBlocks(source, options)).rejects.toThrow(`not ${what}`);
    expect(store.counted.map(({ index }) => index)).toEqual([0]);
  });
});
