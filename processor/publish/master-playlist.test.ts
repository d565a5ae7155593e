import { describe, expect, it } from '@jest/globals';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import {
  audioFixture,
  planFixture,
  probeFixture,
  resultFixture,
  videoFixture,
} from '../../test/media/probe-fixture.js';
import { masterPlaylist } from './master-playlist.js';
import { publishedPrefix } from './published-prefix.js';

const plan = planFixture();
const videoId = 'video_a';
const lead = ['v480', 'v360', 'v240', 'a0'];

const master = (results: ChunkResult[], ended = false, used: TranscodePlan = plan): string | undefined =>
  masterPlaylist({ videoId, plan: used, prefix: publishedPrefix(used, results), ended });

const everything = (used: TranscodePlan): ChunkResult[] =>
  used.chunks.map(({ index }) => resultFixture(used, index));

describe('masterPlaylist', () => {
  it('lists what leads as soon as the opener is there, with bandwidths it will not exceed', () => {
    expect(master([resultFixture(plan, 0, { part: 'LEAD', names: lead })])).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-SESSION-DATA:DATA-ID="stream-plus.video",VALUE="video_a"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="Audio 1",LANGUAGE="und",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="a0/media.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2250000,AVERAGE-BANDWIDTH=1550000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=29.970,AUDIO="aud"
v480/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1350000,AVERAGE-BANDWIDTH=950000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970,AUDIO="aud"
v360/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=750000,AVERAGE-BANDWIDTH=550000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=426x240,FRAME-RATE=29.970,AUDIO="aud"
v240/media.m3u8
`);
  });

  it('tells players which video it is, and in the end where its pictures are', () => {
    const told = (ended: boolean, used = plan): string[] =>
      master(everything(used), ended, used)!
        .split('\n')
        .flatMap((line) => /^#EXT-X-SESSION-DATA:DATA-ID="stream-plus\.(.*)"$/.exec(line)?.[1] ?? []);
    expect(told(false)).toEqual(['video",VALUE="video_a']);
    expect(told(true)).toEqual([
      'video",VALUE="video_a',
      'poster",VALUE="poster.jpg',
      'storyboard",VALUE="storyboard.vtt',
    ]);
    expect(told(true, planFixture(probeFixture([audioFixture()])))).toEqual(['video",VALUE="video_a']);
  });

  it('leaves out renditions that would stop before the others', () => {
    const results = [resultFixture(plan, 0), resultFixture(plan, 1, { part: 'LEAD', names: lead })];
    expect(master(results)).not.toContain('v1080');
    expect(
      master([...results, resultFixture(plan, 1, { part: 'REST', names: ['v1080', 'v720'] })]),
    ).toContain('v1080');
  });

  it('does not exist before playback can start', () => {
    expect(master([])).toBeUndefined();
    expect(master([resultFixture(plan, 0, { part: 'REST', names: ['v1080', 'v720'] })])).toBeUndefined();
  });

  it('states measured bandwidths in the end, the rendition to start with first', () => {
    const lines = master(everything(plan), true)!.split('\n');
    expect(lines.filter((line) => line.endsWith('/media.m3u8'))).toEqual(
      ['v480', 'v1080', 'v720', 'v360', 'v240'].map((name) => `${name}/media.m3u8`),
    );
    // 500,000 bytes in 4.004 s of picture and in 4.0107 s of sound.
    expect(lines.find((line) => line.startsWith('#EXT-X-STREAM-INF:'))).toContain(
      'BANDWIDTH=1996342,AVERAGE-BANDWIDTH=1996342,CODECS=',
    );
  });

  it('names the I-frame playlist of every rendition in the end, and not before', () => {
    const iframes = (results: ChunkResult[], ended: boolean): string[] =>
      master(results, ended)!
        .split('\n')
        .filter((line) => line.startsWith('#EXT-X-I-FRAME-STREAM-INF:'));
    const lines = iframes(everything(plan), true);
    expect(lines.map((line) => /URI="(.*)"$/.exec(line)?.[1])).toEqual(
      ['v1080', 'v720', 'v480', 'v360', 'v240'].map((name) => `${name}/iframes.m3u8`),
    );
    // 40,000 bytes in 4.004 s.
    expect(lines[1]).toBe(
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=79921,AVERAGE-BANDWIDTH=79921,CODECS="avc1.64001F",RESOLUTION=1280x720,URI="v720/iframes.m3u8"',
    );
    expect(iframes(everything(plan), false)).toEqual([]);
  });

  it('names no I-frame playlist of what was made before key frames were noted', () => {
    const old = plan.chunks.map(({ index }) => resultFixture(plan, index, { keyFrameEnd: null }));
    expect(master(old, true)).not.toContain('I-FRAME');
    expect(master(old, true)).toContain('v720/media.m3u8');
  });

  it('has one stream for sound alone, and a group only if there is a choice', () => {
    const one = planFixture(probeFixture([audioFixture()]));
    expect(master([resultFixture(one, 0)], false, one)).toBe(
      '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-SESSION-DATA:DATA-ID="stream-plus.video",VALUE="video_a"\n#EXT-X-STREAM-INF:BANDWIDTH=150000,AVERAGE-BANDWIDTH=150000,CODECS="mp4a.40.2"\na0/media.m3u8\n',
    );
    const two = planFixture(probeFixture([audioFixture(), audioFixture({ index: 2 })]));
    expect(master(everything(two), true, two)).toContain('AUDIO="aud",CLOSED-CAPTIONS=NONE\na0/media.m3u8');
  });

  it('names languages, and has no sound to name in a silent film', () => {
    const spoken = (index: number, language: string) => audioFixture({ index, tags: { language } });
    const many = planFixture(
      probeFixture([videoFixture(), spoken(1, 'eng'), spoken(2, 'ger'), spoken(3, 'eng')]),
    );
    const media = master(everything(many), true, many)!
      .split('\n')
      .filter((line) => line.startsWith('#EXT-X-MEDIA'));
    expect(media.map((line) => /NAME=.*AUTOSELECT=\w+/.exec(line)?.[0])).toEqual([
      'NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES',
      'NAME="German",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES',
      'NAME="English 2",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO',
    ]);
    const silent = planFixture(probeFixture([videoFixture()]));
    expect(master(everything(silent), true, silent)).not.toContain('aud');
    expect(master(everything(silent), true, silent)).toContain('CODECS="avc1.64001F",');
  });
});
