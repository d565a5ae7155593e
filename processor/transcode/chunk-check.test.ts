import { describe, expect, it } from '@jest/globals';
import { audioFixture, planFixture, probeFixture, videoFixture } from '../../test/media/probe-fixture.js';
import { checkChunk, type MadeTrack } from './chunk-check.js';
import type { InitInfo, SegmentInfo } from './fragment.js';

const plan = planFixture(probeFixture([videoFixture({ width: 426, height: 240 }), audioFixture()]), {
  chunkSeconds: 8,
});
const chunk = plan.chunks[1]!;

const segment = (tfdt: number, samples: number, sampleTicks: number): SegmentInfo => ({
  ...{
    fragments: 1,
    tfdt,
    samples,
    ticks: samples * sampleTicks,
    sampleTicks,
    startsWithSync: true,
    minPts: tfdt,
    firstSampleEnd: 100,
    hasClosedCaptions: false,
  },
});
const init: InitInfo = {
  timescale: 30_000,
  codecs: 'avc1.640015',
  hasEditList: false,
  width: 426,
  height: 240,
};

/** The second chunk as it should be: frames 120 to 360, packets 188 to 564. */
const video = (): MadeTrack & { init: InitInfo } => ({
  ...{ name: 'v240', init: { ...init } },
  segments: new Map([
    [1, segment(120_120, 120, 1001)],
    [2, segment(240_240, 120, 1001)],
  ]),
});
const audio = (): MadeTrack => ({
  ...{
    name: 'a0',
    init: { timescale: 48_000, codecs: 'mp4a.40.2', hasEditList: false, width: 0, height: 0 },
  },
  segments: new Map([
    [1, segment(188 * 1024, 188, 1024)],
    [2, segment(376 * 1024, 188, 1024)],
  ]),
});

const problemOf = (made: MadeTrack): string | undefined => checkChunk(plan, chunk, [made])[0]?.problem;

/** The good video track with its second segment, or its init segment, changed. */
function spoiled(change: Partial<SegmentInfo>, initChange: Partial<InitInfo> = {}): MadeTrack {
  const track = video();
  const [, second] = [...track.segments.values()];
  const segments = new Map([...track.segments, [2, { ...second!, ...change }]]);
  return { ...track, segments, init: { ...track.init, ...initChange } };
}

describe('checkChunk', () => {
  it('finds nothing wrong with what was planned', () => {
    expect(checkChunk(plan, chunk, [video(), audio()])).toEqual([]);
  });

  it('counts what is missing, wherever it is missing', () => {
    const cut = new Map([[1, segment(120_120, 43, 1001)]]);
    expect(checkChunk(plan, chunk, [{ ...video(), segments: cut }])).toEqual([
      { track: 'v240', expected: 240, found: 43, problem: 'segment 2 is missing' },
    ]);
    expect(checkChunk(plan, chunk, [{ ...audio(), segments: new Map() }])[0]).toMatchObject({
      expected: 376,
      found: 0,
    });
    expect(problemOf(spoiled({ samples: 119 }))).toBe('ends with sample 359, not 360');
  });

  it.each<[string, MadeTrack]>([
    ['segment 2 starts at 240241, not 240240', spoiled({ tfdt: 240_241 })],
    ['segment 2 is first shown at 241241, not 240240', spoiled({ minPts: 241_241 })],
    ['segment 2 samples last undefined, not 1001', spoiled({ sampleTicks: undefined })],
    ['segment 2 does not start with a sync sample', spoiled({ startsWithSync: false })],
    ['segment 2 2 fragments', spoiled({ fragments: 2 })],
    ['segment 2 is too long', spoiled({ ticks: 30_000 * 5 })],
    ['the init segment has an edit list', spoiled({}, { hasEditList: true })],
    ['timescale 90000, not 30000', spoiled({}, { timescale: 90_000 })],
    ['size 424x240', spoiled({}, { width: 424 })],
    ['no init segment', { ...video(), init: undefined }],
    [
      'segment 3 is not of this chunk',
      { ...video(), segments: new Map([...video().segments, [3, segment(0, 1, 1)]]) },
    ],
  ])('says: %s', (problem, made) => {
    expect(problemOf(made)).toBe(problem);
  });

  it('lets sound be cut a packet later inside a chunk, never at its edges', () => {
    const late = new Map([
      [1, segment(188 * 1024, 189, 1024)],
      [2, segment(377 * 1024, 187, 1024)],
    ]);
    expect(problemOf({ ...audio(), segments: late })).toBeUndefined();
    const shifted = new Map([
      [1, segment(189 * 1024, 188, 1024)],
      [2, segment(377 * 1024, 187, 1024)],
    ]);
    expect(problemOf({ ...audio(), segments: shifted })).toBe('segment 1 starts at 193536, not 192512');
  });
});
