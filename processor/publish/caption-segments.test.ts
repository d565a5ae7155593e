import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCaptions } from '../../platform/captions/parse-captions.js';
import type { Cue } from '../../platform/captions/web-vtt.js';
import { captionPlaylist, captionSegments } from './caption-segments.js';

/** 130.13 s at 29.97 frames a second, in segments of 4.004 s. */
const film = { segmentFrames: 120, frameRate: { num: 30_000, den: 1001 }, frameCount: 3900 };

const cue = (startMs: number, endMs: number, text: string): Cue => ({ startMs, endMs, settings: '', text });

describe('captionSegments', () => {
  it('cuts captions at every minute, repeats what crosses a border, and ends with the film', () => {
    const cues = [
      cue(1_000, 2_000, 'one'),
      cue(59_000, 121_000, 'long'),
      cue(60_060, 61_000, 'two'),
      cue(129_000, 140_000, 'end'),
      cue(130_130, 140_000, 'late'),
    ];
    expect([...captionSegments(film, cues)]).toEqual([
      `WEBVTT
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

00:00:01.000 --> 00:00:02.000
one

00:00:59.000 --> 00:02:01.000
long

`,
      `WEBVTT
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

00:00:59.000 --> 00:02:01.000
long

00:01:00.060 --> 00:01:01.000
two

`,
      `WEBVTT
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

00:00:59.000 --> 00:02:01.000
long

00:02:09.000 --> 00:02:10.130
end

`,
    ]);
  });

  it('loses and invents no caption within the film', () => {
    const ms = fc.integer({ min: 0, max: 150_000 });
    const cues = fc.array(
      fc
        .tuple(ms, fc.integer({ min: 1, max: 90_000 }))
        .map(([start, length]) => cue(start, start + length, 'x')),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(cues, (list) => {
        const segments = [...captionSegments(film, list)];
        expect(segments).toHaveLength(3);
        const read = segments.flatMap((text) =>
          text.includes('-->') ? parseCaptions(Buffer.from(text)) : [],
        );
        const spans = (of: readonly Cue[]) => new Set(of.map(({ startMs, endMs }) => `${startMs}–${endMs}`));
        const within = list.filter(({ startMs }) => startMs < 130_130);
        expect(spans(read)).toEqual(
          spans(within.map((one) => ({ ...one, endMs: Math.min(one.endMs, 130_130) }))),
        );
      }),
    );
  });
});

describe('captionPlaylist', () => {
  it('names the parts, whose lengths are those of whole segments', () => {
    expect(captionPlaylist(film, 'captions_1')).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:60
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:60.060000,
s00000.vtt
#EXTINF:60.060000,
s00001.vtt
#EXTINF:10.010000,
s00002.vtt
#EXT-X-ENDLIST
`);
    const short = captionPlaylist({ ...film, frameCount: 3 }, 'captions_1');
    expect(short).toContain('TARGETDURATION:1\n');
    expect(short.match(/EXTINF/g)).toHaveLength(1);
  });
});
