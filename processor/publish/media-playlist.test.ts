import { describe, expect, it } from '@jest/globals';
import { planFixture, resultFixture } from '../../test/media/probe-fixture.js';
import { mediaPlaylist } from './media-playlist.js';
import { publishedPrefix } from './published-prefix.js';

const plan = planFixture();
const results = [0, 1, 2, 3].map((index) => resultFixture(plan, index, { attempt: index + 1 }));

const playlist = (name: string, chunks: number, ended = false): string | undefined =>
  mediaPlaylist({ plan, chunks: publishedPrefix(plan, results.slice(0, chunks)).get(name) ?? [], ended });

describe('mediaPlaylist', () => {
  it('grows as an event that is played from its start', () => {
    expect(playlist('v720', 2)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-START:TIME-OFFSET=0
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.1.mp4"
#EXTINF:4.004000,
s00000.1.m4s
#EXTINF:4.004000,
s00001.2.m4s
#EXTINF:4.004000,
s00002.2.m4s
#EXTINF:4.004000,
s00003.2.m4s
#EXTINF:4.004000,
s00004.2.m4s
#EXTINF:4.004000,
s00005.2.m4s
#EXTINF:4.004000,
s00006.2.m4s
`);
  });

  it('ends as a film on demand', () => {
    const lines = playlist('a0', 4, true)!.split('\n');
    expect(lines[5]).toBe('#EXT-X-PLAYLIST-TYPE:VOD');
    expect(lines.join('\n')).not.toContain('BLOCK-RELOAD');
    expect(lines.slice(-4)).toEqual(['#EXTINF:4.010667,', 's00014.4.m4s', '#EXT-X-ENDLIST', '']);
    expect(lines.filter((line) => line.endsWith('.m4s'))).toHaveLength(15);
  });

  it('only ever appends', () => {
    for (const chunks of [1, 2, 3])
      expect(playlist('v240', chunks + 1)!.startsWith(playlist('v240', chunks)!)).toBe(true);
  });

  it('does not exist before the opener', () => {
    expect(playlist('v240', 0)).toBeUndefined();
  });
});
