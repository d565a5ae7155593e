import { describe, expect, it } from '@jest/globals';
import { type Film, goodFilm } from './good-film.js';
import type { Probe } from './presentation.js';
import { rules, violations } from './rules.js';

/** Replaces what has to be there in a playlist or a WebVTT file. */
const edit = (path: string, from: string | RegExp, to: string) => (film: Film) => {
  const text = film.texts.get(path) ?? '';
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${path} has no ${String(from)}`);
  film.texts.set(path, changed);
};

const inMaster = (from: string | RegExp, to: string) => edit('master.m3u8', from, to);
const inVideo = (from: string | RegExp, to: string) => edit('v720/media.m3u8', from, to);

/** Changes what ffprobe found in a playlist. */
const probing = (path: string, change: Partial<Probe>) => (film: Film) => {
  const [found] = film.probes.get(path) ?? [];
  film.probes.set(path, [{ ...found!, ...change }]);
};

const packetsOf = (film: Film): Probe['packets'] => film.probes.get('v720/media.m3u8')?.[0]?.packets ?? [];

/** For each rule a film, or several, that breaks it. */
const broken: Record<string, ((film: Film) => void)[]> = {
  'begins with EXTM3U': [inMaster('#EXTM3U\n', ''), inVideo('#EXTM3U\n', '\n#EXTM3U\n')],
  'says a version that has all it uses': [
    inVideo('VERSION:7', 'VERSION:5'),
    edit('v720/iframes.m3u8', 'VERSION:7', 'VERSION:4'),
    inMaster('#EXT-X-VERSION:7\n', ''),
    inMaster('#EXT-X-VERSION:7\n', '#EXT-X-VERSION:7\n#EXT-X-VERSION:7\n'),
  ],
  'has no control characters, and ends its lines': [
    inMaster('NAME="English"', 'NAME="Eng\u0007lish"'),
    inVideo('#EXTM3U\n', '#EXTM3U\r\n'),
    inVideo(/\n$/, ''),
  ],
  'has attribute lists that can be read, no attribute twice': [
    inMaster('NAME="English"', 'NAME="Eng"lish"'),
    inMaster(',AUDIO="aud"', ',AUDIO="aud",AUDIO="aud"'),
    inMaster('CODECS="avc1.64001F,mp4a.40.2"', 'CODECS=avc1.64001F,mp4a.40.2'),
    inVideo('URI="init.mp4"', 'URI="init.mp4",'),
  ],
  'is a master or a media playlist, not both': [
    inMaster('#EXT-X-VERSION:7', '#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4'),
    inVideo('#EXT-X-VERSION:7', '#EXT-X-VERSION:7\n#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b"'),
  ],
  'names files that are there, and ranges within them': [
    inVideo('s00001.1.m4s', 's00001.2.m4s'),
    inVideo('init.mp4', 'other.mp4'),
    inMaster('a1/media.m3u8', 'a2/media.m3u8'),
    (film) => film.sizes.set('v720/s00001.1.m4s', 29_999),
  ],
  'says that segments are independent': [inMaster('#EXT-X-INDEPENDENT-SEGMENTS\n', '')],
  'target duration is no less than any rounded EXTINF': [
    inVideo('EXTINF:4.000000', 'EXTINF:4.500000'),
    inVideo('EXTINF:4.000000,', 'EXTINF:,'),
    inVideo('#EXT-X-TARGETDURATION:4\n', ''),
  ],
  'audio and video have the same target duration': [
    edit('a1/media.m3u8', 'TARGETDURATION:4', 'TARGETDURATION:5'),
  ],
  'a finished playlist ends': [
    inVideo('#EXT-X-ENDLIST\n', ''),
    edit('c0/media.m3u8', '#EXT-X-ENDLIST\n', ''),
  ],
  'a finished playlist is of type VOD': [
    inVideo('TYPE:VOD', 'TYPE:EVENT'),
    edit('v360/iframes.m3u8', '#EXT-X-PLAYLIST-TYPE:VOD\n', ''),
  ],
  'media sequence numbers have no gap and no discontinuity': [
    inVideo('SEQUENCE:0', 'SEQUENCE:1'),
    inVideo('#EXTINF:4.000000,\ns00001.1.m4s\n', ''),
    inVideo('s00001.1.m4s\n', 's00001.1.m4s\n#EXT-X-DISCONTINUITY\n'),
  ],
  'fMP4 has an init segment': [
    inVideo('#EXT-X-MAP:URI="init.mp4"\n', ''),
    edit('a0/media.m3u8', /(#EXT-X-MAP.*\n)([^]*?m4s\n)/, '$2$1'),
  ],
  'all playlists play the same time': [
    edit('a0/media.m3u8', /#EXTINF:3.*\n.*\n/, ''),
    edit('c1/media.m3u8', 'EXTINF:12.000000', 'EXTINF:11.900000'),
    edit('v360/iframes.m3u8', 'EXTINF:4.000000', 'EXTINF:3.900000'),
  ],
  'segments begin at the same times': [
    edit('a0/media.m3u8', /4.010667([^]*)3.989333/, '3.910667$14.089333'),
    edit('v360/media.m3u8', /#EXTINF:4.000000,\n(s00002)/, '#EXTINF:2.0,\ns00009.m4s\n#EXTINF:2.0,\n$1'),
  ],
  'has a variant, and names no playlist twice for the same purpose': [
    inMaster('v360/media.m3u8', 'v720/media.m3u8'),
    inMaster(/^[^#\n].*\n/gm, ''),
  ],
  'CODECS are those that are played': [
    inMaster('avc1.64001F,mp4a.40.2', 'avc1.640020,mp4a.40.2'),
    inMaster('avc1.64001F,mp4a.40.2', 'avc1.4D401F,mp4a.40.2'),
    inMaster('avc1.64001F,mp4a.40.2', 'avc1.64001F'),
    inMaster(/CODECS="avc1.64001E",/, ''),
    probing('a0/media.m3u8', { profile: 'HE-AAC' }),
  ],
  'RESOLUTION is that of the pictures': [
    inMaster('RESOLUTION=1280x720', 'RESOLUTION=1280x718'),
    inMaster(/,RESOLUTION=640x360,URI/, ',URI'),
  ],
  'FRAME-RATE is that of the pictures': [
    inMaster('FRAME-RATE=25.000', 'FRAME-RATE=24.000'),
    inMaster('FRAME-RATE=25.000,', ''),
  ],
  'VIDEO-RANGE is said unless all pictures are SDR': [
    probing('v360/media.m3u8', { transfer: 'smpte2084' }),
    probing('v360/media.m3u8', { transfer: '' }),
  ],
  'closed captions are declared where there are any, and NONE is said of all or of none': [
    inMaster('AUDIO="aud",SUBTITLES', 'AUDIO="aud",CLOSED-CAPTIONS=NONE,SUBTITLES'),
    (film) => {
      inMaster(/AUDIO="aud",SUBTITLES/g, 'AUDIO="aud",CLOSED-CAPTIONS=NONE,SUBTITLES')(film);
      probing('v720/media.m3u8', { closedCaptions: true })(film);
    },
    probing('v360/media.m3u8', { closedCaptions: true }),
  ],
  'variants have pictures of one shape': [inMaster('RESOLUTION=640x360', 'RESOLUTION=480x360')],
  'variants name the groups of renditions that there are': [
    inMaster(',AUDIO="aud"', ''),
    inMaster(',SUBTITLES="subs"', ',SUBTITLES="other"'),
    inMaster('FRAME-RATE', 'CLOSED-CAPTIONS="cc",FRAME-RATE'),
  ],
  'each rendition of a group has a name of its own': [inMaster('NAME="German"', 'NAME="English"')],
  'a group has one default, which players may choose by themselves': [
    inMaster('"de",DEFAULT=NO', '"de",DEFAULT=YES'),
    inMaster('DEFAULT=YES,AUTOSELECT=YES', 'DEFAULT=YES,AUTOSELECT=NO'),
  ],
  'what players may choose by themselves differs in what they choose by': [
    inMaster('LANGUAGE="de"', 'LANGUAGE="en"'),
    inMaster(/,CHARACTERISTICS="[^"]*"/, ''),
  ],
  'session data has either a value or a URI': [
    inMaster(',VALUE="Un film"', ''),
    inMaster('VALUE="Un film"', 'VALUE="Un film",URI="v720/media.m3u8"'),
  ],
  'session data has an id like a domain name from behind': [
    inMaster('DATA-ID="test.film.title",', ''),
    inMaster('DATA-ID="test.film.title"', 'DATA-ID="title"'),
  ],
  'session data is said once in a language': [
    inMaster('LANGUAGE="it"\n#EXT-X-MEDIA', 'LANGUAGE="fr"\n#EXT-X-MEDIA'),
    inMaster(/(#EXT-X-SESSION-DATA:.*),LANGUAGE="fr"\n(.*),LANGUAGE="it"/, '$1\n$2'),
  ],
  'each rendition names its language': [inMaster('LANGUAGE="de",', ''), inMaster(/LANGUAGE="en",/g, '')],
  'CHANNELS are those of the sound': [
    inMaster('CHANNELS="2"', 'CHANNELS="6"'),
    inMaster(',CHANNELS="2"', ''),
  ],
  'each rendition of pictures has an I-frame playlist': [inMaster(/#EXT-X-I-FRAME.*v360.*\n/, '')],
  'BANDWIDTH is the peak of the heaviest combination': [
    (film) => film.sizes.set('v720/s00001.1.m4s', 601_000),
    (film) => film.sizes.set('v720/s00001.1.m4s', 500_000),
    (film) => film.sizes.set('a1/s00002.1.m4s', 65_000),
    (film) => film.sizes.set('c1/s00000.1.vtt', 1_000),
    inMaster(':BANDWIDTH', ':BANDWITH'),
  ],
  'AVERAGE-BANDWIDTH is the average of the heaviest combination': [
    (film) => film.sizes.set('v720/s00000.1.m4s', 501_000),
    (film) => film.sizes.set('v720/s00000.1.m4s', 200_000),
    inMaster(/AVERAGE-BANDWIDTH=\d+,/, ''),
  ],
  'BANDWIDTH of I-frame playlists is that of their ranges': [
    edit('v720/iframes.m3u8', '30000@0', '31000@0'),
    edit('v720/iframes.m3u8', '30000@0', '26000@0'),
    edit('v720/iframes.m3u8', '#EXT-X-BYTERANGE:20000@0\n', ''),
    inMaster(/(I-FRAME-STREAM-INF:.*),AVERAGE-BANDWIDTH=\d+/, '$1'),
  ],
  'a playlist plays one stream': [
    (film) => film.probes.set('v720/media.m3u8', [...film.probes.values()].flat().slice(0, 2)),
    (film) => film.probes.delete('a0/media.m3u8'),
  ],
  'pictures are H.264, High profile, up to level 5.2, with their parameters in the init segment': [
    probing('v720/media.m3u8', { codec: 'vp9' }),
    probing('v720/media.m3u8', { tag: 'avc3' }),
    probing('v720/media.m3u8', { profile: 'Main' }),
    probing('v720/media.m3u8', { level: 60 }),
  ],
  'there are at most 60 pictures a second': [
    (film) =>
      probing('v720/media.m3u8', {
        packets: packetsOf(film).map((packet) => ({ ...packet, duration: 1 / 120 })),
      })(film),
  ],
  'sound is stereo AAC': [
    probing('a1/media.m3u8', { channels: 6 }),
    probing('a1/media.m3u8', { codec: 'mp3' }),
  ],
  'media go on without a gap': [
    (film) => probing('v720/media.m3u8', { packets: packetsOf(film).toSpliced(120, 1) })(film),
  ],
  'a segment of pictures begins with a key frame': [
    (film) => {
      const packets = packetsOf(film).map((packet, n) => ({ ...packet, isKey: packet.isKey && n !== 100 }));
      probing('v720/media.m3u8', { packets })(film);
    },
    inVideo('EXTINF:4.000000', 'EXTINF:4.040000'),
  ],
  'key frames come every two seconds': [
    (film) => {
      const packets = packetsOf(film).map((packet, n) => ({ ...packet, isKey: n % 100 === 0 }));
      probing('v720/media.m3u8', { packets })(film);
    },
  ],
  'EXTINFs add up to what is played': [
    (film) => probing('v720/media.m3u8', { packets: packetsOf(film).slice(0, -1) })(film),
    edit('a0/media.m3u8', '3.989333', '3.978000'),
  ],
  'I-frame playlists say so, and no others': [
    edit('v360/iframes.m3u8', '#EXT-X-I-FRAMES-ONLY\n', ''),
    inVideo('#EXT-X-MAP', '#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP'),
  ],
  'each range of an I-frame playlist alone is one picture': [
    (film) => film.decoded.set('v360/iframes.m3u8', { ranges: 3, pictures: 2 }),
    (film) => film.decoded.set('v360/iframes.m3u8', { ranges: 3, pictures: 4 }),
    (film) => film.decoded.delete('v360/iframes.m3u8'),
  ],
  'subtitles are WebVTT with a timestamp map': [
    edit('c0/s00000.1.vtt', /X-TIMESTAMP-MAP.*\n/, ''),
    edit('c0/s00000.1.vtt', 'WEBVTT', 'SUBRIP'),
    (film) => film.texts.delete('c0/s00000.1.vtt'),
  ],
  'a segment of subtitles has the cues that are shown in it, and no others': [
    edit('c0/s00000.1.vtt', '00:00:01.000 --> 00:00:02.000', '00:00:12.000 --> 00:00:13.000'),
    edit('c0/s00000.1.vtt', '00:00:01.000 --> 00:00:02.000', '00:00:02.000 --> 00:00:01.000'),
  ],
  'subtitles for people who cannot hear may be chosen by players': [
    inMaster('AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS', 'AUTOSELECT=NO,FORCED=NO,CHARACTERISTICS'),
  ],
  'forced subtitles may be chosen by players': [
    inMaster('AUTOSELECT=YES,FORCED=YES', 'AUTOSELECT=NO,FORCED=YES'),
  ],
};

describe("Apple's rules for HLS", () => {
  it('are kept by a film that keeps them', () => {
    expect(violations(goodFilm())).toEqual([]);
  });

  const cases = rules.flatMap(({ name }) =>
    (broken[name] ?? [() => undefined]).map((breakIt, n) => [name, n + 1, breakIt] as const),
  );

  it.each(cases)('%s: broken in way %d', (name, _, breakIt) => {
    const film = goodFilm();
    breakIt(film);
    expect(violations(film).filter((line) => line.startsWith(`${name} (`))).not.toEqual([]);
    expect(violations(film, [name]).filter((line) => line.startsWith(`${name} (`))).toEqual([]);
  });

  it('have names of their own, and all their breaks belong to one', () => {
    expect(Object.keys(broken).sort()).toEqual(rules.map(({ name }) => name).sort());
  });

  it('say what is broken, in which line, and who says so', () => {
    const film = goodFilm();
    inVideo('EXTINF:4.000000', 'EXTINF:4.500000')(film);
    expect(violations(film)).toContain(
      'target duration is no less than any rounded EXTINF (RFC 8216 4.3.3.1): v720/media.m3u8:8: 4.5 s, target 4',
    );
  });

  it('cannot be told of a film without a master playlist', () => {
    const film = goodFilm();
    film.texts.delete('master.m3u8');
    expect(() => violations(film)).toThrow('no master playlist');
  });
});
