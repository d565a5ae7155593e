/** A published film of twelve seconds that breaks no rule, made up, for tests to break. */
import type { Probe, Published } from './presentation.js';

const SEGMENTS = [0, 1, 2];
const FPS = 25;

/** The film, as tests may change it. */
export interface Film extends Published {
  texts: Map<string, string>;
  sizes: Map<string, number>;
  probes: Map<string, Probe[]>;
  decoded: Map<string, { ranges: number; pictures: number }>;
}

const VIDEOS = [
  {
    name: 'v720',
    codec: 'avc1.64001F',
    level: 31,
    width: 1280,
    height: 720,
    bytes: [500_000, 600_000, 400_000],
  },
  {
    name: 'v360',
    codec: 'avc1.64001E',
    level: 30,
    width: 640,
    height: 360,
    bytes: [100_000, 200_000, 150_000],
  },
];
const SOUNDS = [
  { name: 'a0', tags: 'NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES' },
  { name: 'a1', tags: 'NAME="German",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES' },
];
const CAPTIONS = [
  { name: 'c0', tags: 'NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO' },
  { name: 'c1', tags: 'NAME="German",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES' },
  {
    name: 'c2',
    tags:
      'NAME="English CC",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS=' +
      '"public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"',
  },
];

const SOUND_BYTES = 64_000;
const RANGE_BYTES = [20_000, 30_000, 25_000];
const SOUND_SECONDS = [188, 188, 187].map((packets) => ((packets * 1024) / 48_000).toFixed(6));

const CUES = 'WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:00:01.000 --> 00:00:02.000\nHello\n';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const rates = (peak: number, average: number): string =>
  `BANDWIDTH=${Math.ceil(peak)},AVERAGE-BANDWIDTH=${Math.ceil(average)}`;

function playlist(head: readonly string[], lines: readonly string[], target = 4): string {
  return [
    ...['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${target}`, '#EXT-X-MEDIA-SEQUENCE:0'],
    ...['#EXT-X-PLAYLIST-TYPE:VOD', ...head, ...lines, '#EXT-X-ENDLIST', ''],
  ].join('\n');
}

const MAP = '#EXT-X-MAP:URI="init.mp4"';
const file = (segment: number, ending = 'm4s'): string => `s0000${segment}.1.${ending}`;

function packets(count: number, duration: number, isKey: (index: number) => boolean): Probe['packets'] {
  return Array.from({ length: count }, (_, n) => ({ dts: n * duration, duration, isKey: isKey(n) }));
}

const probe = (change: Partial<Probe>): Probe => ({
  ...{ codec: 'aac', tag: 'mp4a', profile: 'LC', level: 0, width: 0, height: 0, channels: 2, transfer: '' },
  ...{ closedCaptions: false, packets: packets(563, 1024 / 48_000, () => true) },
  ...change,
});

const pictures = packets(12 * FPS, 1 / FPS, (n) => n % (2 * FPS) === 0);

function master(): string {
  const captionsBps = (Buffer.byteLength(CUES) * 8) / 12;
  const soundPeak = (SOUND_BYTES * 8) / Number(SOUND_SECONDS[2]) + captionsBps;
  const soundAverage = (3 * SOUND_BYTES * 8) / sum(SOUND_SECONDS.map(Number)) + captionsBps;
  return [
    ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'],
    '#EXT-X-SESSION-DATA:DATA-ID="test.film.title",VALUE="Un film",LANGUAGE="fr"',
    '#EXT-X-SESSION-DATA:DATA-ID="test.film.title",VALUE="Un film",LANGUAGE="it"',
    ...SOUNDS.map(
      ({ name, tags }) =>
        `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",${tags},CHANNELS="2",URI="${name}/media.m3u8"`,
    ),
    ...CAPTIONS.map(
      ({ name, tags }) => `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",${tags},URI="${name}/media.m3u8"`,
    ),
    ...VIDEOS.flatMap(({ name, codec, width, height, bytes }) => [
      `#EXT-X-STREAM-INF:${rates((Math.max(...bytes) * 8) / 4 + soundPeak, (sum(bytes) * 8) / 12 + soundAverage)},` +
        `CODECS="${codec},mp4a.40.2",RESOLUTION=${width}x${height},FRAME-RATE=25.000,AUDIO="aud",SUBTITLES="subs"`,
      `${name}/media.m3u8`,
    ]),
    ...VIDEOS.map(
      ({ name, codec, width, height }) =>
        `#EXT-X-I-FRAME-STREAM-INF:${rates((30_000 * 8) / 4, (sum(RANGE_BYTES) * 8) / 12)},` +
        `CODECS="${codec}",RESOLUTION=${width}x${height},URI="${name}/iframes.m3u8"`,
    ),
    '',
  ].join('\n');
}

export function goodFilm(): Film {
  const film: Film = { texts: new Map(), sizes: new Map(), probes: new Map(), decoded: new Map() };
  film.texts.set('master.m3u8', master());
  for (const { name, level, width, height, bytes } of VIDEOS) {
    const ranges = SEGMENTS.flatMap((n) => [
      ...['#EXTINF:4.000000,', `#EXT-X-BYTERANGE:${RANGE_BYTES[n]}@0`, file(n)],
    ]);
    film.texts.set(
      `${name}/media.m3u8`,
      playlist(
        [MAP],
        SEGMENTS.flatMap((n) => ['#EXTINF:4.000000,', file(n)]),
      ),
    );
    film.texts.set(`${name}/iframes.m3u8`, playlist(['#EXT-X-I-FRAMES-ONLY', MAP], ranges));
    film.decoded.set(`${name}/iframes.m3u8`, { ranges: 3, pictures: 3 });
    const found = { codec: 'h264', tag: 'avc1', profile: 'High', transfer: 'bt709', packets: pictures };
    film.probes.set(`${name}/media.m3u8`, [probe({ ...found, level, width, height, channels: 0 })]);
    for (const n of SEGMENTS) film.sizes.set(`${name}/${file(n)}`, bytes[n] ?? 0);
  }
  for (const { name } of SOUNDS) {
    const lines = SEGMENTS.flatMap((n) => [`#EXTINF:${SOUND_SECONDS[n]},`, file(n)]);
    film.texts.set(`${name}/media.m3u8`, playlist([MAP], lines));
    film.probes.set(`${name}/media.m3u8`, [probe({})]);
    for (const n of SEGMENTS) film.sizes.set(`${name}/${file(n)}`, SOUND_BYTES);
  }
  for (const { name } of CAPTIONS) {
    film.texts.set(`${name}/media.m3u8`, playlist([], ['#EXTINF:12.000000,', file(0, 'vtt')], 12));
    film.texts.set(`${name}/${file(0, 'vtt')}`, CUES);
  }
  for (const [name, text] of film.texts) film.sizes.set(name, Buffer.byteLength(text));
  for (const { name } of [...VIDEOS, ...SOUNDS]) film.sizes.set(`${name}/init.mp4`, 800);
  return film;
}
