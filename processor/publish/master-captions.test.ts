import { describe, expect, it } from '@jest/globals';
import type { CaptionTrack } from '../../schema/captions.js';
import type { SegmentResult } from '../../schema/transcode-plan.js';
import { audioFixture, planFixture, probeFixture, resultFixture } from '../../test/media/probe-fixture.js';
import { masterPlaylist } from './master-playlist.js';
import { publishedPrefix } from './published-prefix.js';

const captions = (change: Partial<CaptionTrack>): CaptionTrack => ({
  ...{ id: 'captions_1', language: 'de', label: 'German', kind: 'SUBTITLES', isDefault: false, revision: 1 },
  addedAt: new Date(0),
  ...change,
});

const linesFor = (tracks: CaptionTrack[], plan = planFixture()): string[] => {
  const results = plan.chunks.map(({ index }) => resultFixture(plan, index));
  const prefix = publishedPrefix(plan, results);
  const bandwidth = { peakBps: 700, averageBps: 30 };
  return masterPlaylist({
    videoId: 'video_a',
    plan,
    prefix,
    ended: true,
    captions: { tracks, bandwidth },
  })!.split('\n');
};

describe('a master playlist with captions', () => {
  it('says for whom they are, names each once, and offers them with every rendition', () => {
    const lines = linesFor([
      captions({ isDefault: true }),
      captions({ id: 'captions_2', language: 'de-CH', kind: 'CAPTIONS' }),
      captions({ id: 'captions_3', language: 'en', label: 'English', kind: 'FORCED' }),
    ]);
    const deaf =
      'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound';
    expect(lines.filter((line) => line.includes('TYPE=SUBTITLES'))).toEqual([
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="German",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="captions_1/media.m3u8"',
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="German 2",LANGUAGE="de-CH",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="${deaf}",URI="captions_2/media.m3u8"`,
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI="captions_3/media.m3u8"',
    ]);
    const streams = lines.filter((line) => line.startsWith('#EXT-X-STREAM-INF'));
    expect(streams.length).toBeGreaterThan(1);
    expect(streams.every((line) => line.endsWith(',AUDIO="aud",SUBTITLES="subs",CLOSED-CAPTIONS=NONE'))).toBe(
      true,
    );
  });

  it('counts the heaviest of them into what a rendition asks for', () => {
    const rates = (line: string | undefined): number[] =>
      [...(line ?? '').matchAll(/BANDWIDTH=(\d+)/g)].map(([, bps]) => Number(bps));
    const stream = linesFor([captions({})]).find((line) => line.startsWith('#EXT-X-STREAM-INF'));
    // 500,000 bytes in 4.004 s of picture and in 4.0107 s of sound.
    expect(rates(stream)).toEqual([1_996_342 + 700, 1_996_342 + 30]);
  });

  it('offers them with sound alone too, and has no group where there are none', () => {
    const sound = planFixture(probeFixture([audioFixture()]));
    expect(linesFor([captions({})], sound)).toContain('a0/media.m3u8');
    expect(linesFor([captions({})], sound).find((line) => line.includes('STREAM-INF'))).toMatch(
      /CODECS="mp4a.40.2",SUBTITLES="subs",CLOSED-CAPTIONS=NONE$/,
    );
    expect(linesFor([]).join('\n')).not.toContain('subs');
  });
});

describe('closed captions within the pictures', () => {
  const streams = (change: (segments: SegmentResult[]) => void, ended = true): string[] => {
    const plan = planFixture();
    const results = plan.chunks.map(({ index }) => resultFixture(plan, index));
    change(results.at(-1)?.tracks.find(({ name }) => name === 'v240')?.segments ?? []);
    const film = { videoId: 'video_a', prefix: publishedPrefix(plan, results) };
    const lines = masterPlaylist({ ...film, plan, ended })!.split('\n');
    return lines.filter((line) => line.startsWith('#EXT-X-STREAM-INF'));
  };
  const saysNone = (line: string): boolean => line.includes('CLOSED-CAPTIONS=NONE');

  it('are denied of a whole film without any', () => {
    expect(streams(() => undefined).every(saysNone)).toBe(true);
  });

  it.each<[string, string[]]>([
    ['that has some', streams(([segment]) => Object.assign(segment!, { closedCaptions: true }))],
    ['of which nobody has looked at a part', streams(([segment]) => delete segment!.keyFrameEnd)],
    ['that grows', streams(() => undefined, false)],
  ])('are not denied of a film %s', (_, lines) => {
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.some(saysNone)).toBe(false);
  });
});
