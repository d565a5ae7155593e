import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../schema/errors.js';
import { box, initBytes, segmentBytes, u32 } from '../../test/media/mp4-bytes.js';
import { readInit, readSegment } from './fragment.js';

const frames = { tfdt: 360_000, durations: [3000, 3000, 3000], offsets: [3000, 9000, 0] };

/** What reading does with bytes that may be anything: it answers, or throws the one error it announces. */
function readsOrRefuses(bytes: Buffer): boolean {
  for (const read of [readSegment, readInit]) {
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  return true;
}

describe('readSegment', () => {
  it('reads times, samples and the first sync sample', () => {
    const bytes = segmentBytes(frames);
    expect(readSegment(bytes)).toEqual({
      ...{ fragments: 1, tfdt: 360_000, samples: 3, ticks: 9000, sampleTicks: 3000 },
      ...{
        startsWithSync: true,
        minPts: 363_000,
        firstSampleEnd: bytes.length - 200,
        hasClosedCaptions: false,
      },
    });
  });

  it('finds the end of the first sample by an offset from the start of the file, and by a size for all', () => {
    const run = [u32(0x05, 3, 40), u32(0x2000000)];
    const traf = box(
      'traf',
      box('tfhd', u32(0x19, 1, 0, 50, 1024, 7)),
      box('tfdt', u32(0, 0)),
      box('trun', ...run),
    );
    const bytes = Buffer.concat([box('moof', traf), box('mdat', Buffer.alloc(30))]);
    expect(readSegment(bytes)?.firstSampleEnd).toBe(50 + 40 + 7);
  });

  it('notices closed captions', () => {
    const bytes = segmentBytes(frames);
    bytes.write('\u00b5\u0000\u0031GA94\u0003', bytes.length - 100, 'latin1');
    expect(readSegment(bytes)?.hasClosedCaptions).toBe(true);
  });

  it('refuses a first sample that is cut off', () => {
    const bytes = segmentBytes({ tfdt: 0, durations: [1] });
    bytes.writeUInt32BE(101, bytes.indexOf('trun') + 24);
    expect(() => readSegment(bytes)).toThrow('outside of its segment');
  });

  it('tells uneven samples, a missing sync sample and several fragments', () => {
    const odd = { tfdt: 0, durations: [1024, 1024, 800], sync: false, fragments: 2 };
    expect(readSegment(segmentBytes(odd))).toMatchObject({
      fragments: 2,
      samples: 6,
      ticks: 5696,
      startsWithSync: false,
    });
    expect(readSegment(segmentBytes(odd))?.sampleTicks).toBeUndefined();
  });

  it('reads decoding times beyond 32 bits, as long films have them', () => {
    expect(readSegment(segmentBytes({ tfdt: 2 ** 40, durations: [1] }))?.tfdt).toBe(2 ** 40);
  });

  it('has nothing to tell of a segment without a fragment', () => {
    expect(readSegment(box('styp', Buffer.from('msdh')))).toBeUndefined();
    expect(readSegment(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('readInit', () => {
  it('reads the codec, the size and the timescale', () => {
    const size = { width: 1280, height: 720 };
    expect(readInit(initBytes({ timescale: 90_000, size }))).toEqual({
      ...{ timescale: 90_000, codecs: 'avc1.64001F', hasEditList: false, ...size },
    });
    expect(readInit(initBytes({ timescale: 48_000 }))).toMatchObject({ codecs: 'mp4a.40.2', width: 0 });
  });

  it('notices an edit list', () => {
    expect(readInit(initBytes({ timescale: 1, editList: true })).hasEditList).toBe(true);
  });
});

describe('damaged bytes', () => {
  const samples = [segmentBytes(frames), initBytes({ timescale: 48_000, size: { width: 2, height: 2 } })];

  it('never hang and never throw anything but the announced error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => readsOrRefuses(Buffer.from(bytes))));
    const cut = fc.tuple(fc.constantFrom(...samples), fc.nat(400));
    fc.assert(fc.property(cut, ([bytes, length]) => readsOrRefuses(bytes.subarray(0, length))));
    const flips = fc.tuple(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(flips, ([bytes, changes]) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes) changed[at % changed.length] = value;
        return readsOrRefuses(changed);
      }),
      { numRuns: 500 },
    );
  });

  it('does not believe a count of four thousand million samples', () => {
    const bytes = segmentBytes({ tfdt: 0, durations: [1] });
    bytes.writeUInt32BE(0xffffffff, bytes.indexOf('trun') + 8);
    expect(() => readSegment(bytes)).toThrow('too many samples');
  });
});
