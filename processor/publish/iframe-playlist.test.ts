import { describe, expect, it } from '@jest/globals';
import { planFixture, probeFixture, resultFixture } from '../../test/media/probe-fixture.js';
import { iframePlaylist, keyFrameBandwidth } from './iframe-playlist.js';
import { publishedPrefix, type PublishedChunk } from './published-prefix.js';

const plan = planFixture(probeFixture(), { chunkSeconds: 8 });

const chunksOf = (name: string, second: { keyFrameEnd?: number | null } = {}): readonly PublishedChunk[] => {
  const results = [resultFixture(plan, 0), resultFixture(plan, 1, { attempt: 2, ...second })];
  return publishedPrefix(plan, results).get(name) ?? [];
};

describe('an I-frame playlist', () => {
  it('asks for the start of each segment, up to the end of its key frame', () => {
    expect(iframePlaylist(plan, chunksOf('v720', { keyFrameEnd: 50_000 }))).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="init.1.mp4"
#EXTINF:4.004000,
#EXT-X-BYTERANGE:40000@0
s00000.1.m4s
#EXTINF:4.004000,
#EXT-X-BYTERANGE:50000@0
s00001.2.m4s
#EXTINF:4.004000,
#EXT-X-BYTERANGE:50000@0
s00002.2.m4s
#EXT-X-ENDLIST
`);
  });

  it('has the bandwidth of what it asks for', () => {
    expect(keyFrameBandwidth(plan, chunksOf('v720', { keyFrameEnd: 50_000 }))).toEqual({
      peakBps: Math.ceil((50_000 * 8) / 4.004),
      averageBps: Math.ceil((140_000 * 8) / 12.012),
    });
  });

  it.each([
    ['of chunks of which one does not say where key frames end', chunksOf('v720', { keyFrameEnd: null })],
    ['of sound', chunksOf('a0')],
    ['of nothing', []],
  ])('does not exist %s', (_, chunks) => {
    expect(iframePlaylist(plan, chunks)).toBeUndefined();
    expect(keyFrameBandwidth(plan, chunks)).toBeUndefined();
  });
});
