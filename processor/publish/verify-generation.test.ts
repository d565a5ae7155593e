import { describe, expect, it } from '@jest/globals';
import type { BlobInfo } from '../../platform/blob.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import { expectedFiles, verifyGeneration } from './verify-generation.js';

const plan = {
  segmentFrames: 100,
  videoTracks: [{ name: 'v240' }],
  audioTracks: [{ name: 'a0' }],
  chunks: [
    { index: 0, startFrame: 0, endFrame: 100 },
    { index: 1, startFrame: 100, endFrame: 300 },
  ],
} as unknown as TranscodePlan;

const track = (name: string, segments: number) => ({
  name,
  initSha256: `init of ${name}`,
  codecs: 'x',
  segments: Array.from({ length: segments }, () => ({ ticks: 4, bytes: 10 })),
});

const results: ChunkResult[] = [
  { chunkIndex: 0, part: 'ALL', attempt: 1, tracks: [track('v240', 1), track('a0', 1)] },
  { chunkIndex: 1, part: 'ALL', attempt: 2, tracks: [track('v240', 2), track('a0', 2)] },
];

const stored: BlobInfo[] = expectedFiles(plan, results).map(({ name, bytes }) => ({
  name,
  bytes: bytes ?? 99,
}));

describe('verifyGeneration', () => {
  it('accepts a whole film, whatever was written by name beside it', () => {
    const extra = [
      { name: 'master.m3u8', bytes: 1 },
      { name: 'poster.jpg', bytes: 1 },
    ];
    expect(verifyGeneration(plan, results, [...stored, ...extra])).toEqual({
      problems: [],
      unreferenced: [],
    });
    expect(stored.map(({ name }) => name)).toContain('v240/s00002.2.m4s');
  });

  it('names what attempts that did not count have left', () => {
    const left = [
      { name: 'v240/s00001.1.m4s', bytes: 10 },
      { name: 'sprites/t00000.1.jpg', bytes: 1 },
    ];
    const { problems, unreferenced } = verifyGeneration(plan, results, [...stored, ...left]);
    expect(problems).toEqual([]);
    expect(unreferenced).toEqual(['v240/s00001.1.m4s', 'sprites/t00000.1.jpg']);
  });

  it('finds a chunk that is missing or there twice', () => {
    expect(verifyGeneration(plan, results.slice(0, 1), stored).problems).toEqual([
      'chunk 1 of v240 was made 0 times',
      'chunk 1 of a0 was made 0 times',
    ]);
    const twice = [...results, { ...results[1], tracks: [track('v240', 2)] } as ChunkResult];
    expect(verifyGeneration(plan, twice, stored).problems).toContain('chunk 1 of v240 was made 2 times');
  });

  it('finds init segments that differ', () => {
    const other = { ...track('v240', 2), initSha256: 'another build' };
    const mixed = [results[0], { ...results[1], tracks: [other, track('a0', 2)] }] as ChunkResult[];
    expect(verifyGeneration(plan, mixed, stored).problems).toEqual([
      expect.stringContaining('v240 has 2 different init segments'),
    ]);
  });

  it('finds a file that is missing or has another size', () => {
    const [first, second, ...rest] = stored;
    const { problems } = verifyGeneration(plan, results, [{ name: second?.name ?? '', bytes: 11 }, ...rest]);
    expect(problems).toEqual([`${first?.name} is missing`, `${second?.name} has 11 bytes instead of 10`]);
  });
});
