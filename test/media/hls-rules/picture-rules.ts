import { segmentsOf, tagsOf } from './playlist-text.js';
import {
  AUTHORING,
  type Finding,
  frameRateOf,
  type Media,
  ofKind,
  PACKET_SECONDS,
  type Presentation,
  type Probe,
  probeOf,
  RFC,
  type Rule,
} from './presentation.js';

type Check = (presentation: Presentation, media: Media, probe: Probe) => string[];

/** Looks at what ffprobe found in what playlists of some kinds play. */
const inProbes =
  (kinds: Parameters<typeof ofKind>[1][], check: Check) =>
  (presentation: Presentation): Finding[] =>
    ofKind(presentation, ...kinds).flatMap((media) => {
      const probe = probeOf(presentation, media);
      const problems = probe ? check(presentation, media, probe) : ['nothing that ffprobe knows'];
      return problems.map((problem) => ({ path: media.playlist.path, problem }));
    });

/** When the key frames of a stream come, seconds. */
const keyTimes = ({ packets }: Probe): number[] => packets.filter(({ isKey }) => isKey).map(({ dts }) => dts);

/** Times at which segments begin, and no key frame comes. */
function keyless({ playlist }: Media, probe: Probe): string[] {
  const keys = keyTimes(probe);
  const half = 0.5 / frameRateOf(probe);
  return segmentsOf(playlist)
    .filter(({ start }) => !keys.some((time) => Math.abs(time - start) < half))
    .map(({ start }) => `no key frame at ${start} s`);
}

const lengthOf = ({ packets }: Probe): number =>
  packets.reduce((seconds, { duration }) => seconds + duration, 0);

/** Apple's devices decode H.264 up to here: ten times the level. */
const MAX_LEVEL = 52;

/** Longest time between key frames, seconds. */
const KEY_INTERVAL = 2;

/** The name of a rule that films of longer segments break by design: a segment has one key frame. */
export const KEY_FRAMES_OFTEN = 'key frames come every two seconds';

/** What is in the media, against the playlists. */
export const pictureRules: readonly Rule[] = [
  {
    name: 'a playlist plays one stream',
    source: `${AUTHORING} 9.5, 2.17`,
    check: (presentation) =>
      ofKind(presentation, 'video', 'audio').flatMap(({ playlist: { path } }) => {
        const streams = presentation.probes.get(path)?.length ?? 0;
        return streams === 1 ? [] : [{ path, problem: `plays ${streams} streams` }];
      }),
  },
  {
    name: 'pictures are H.264, High profile, up to level 5.2, with their parameters in the init segment',
    source: `${AUTHORING} 1.1, 1.3b, 1.4, 1.10`,
    check: inProbes(['video'], (_, __, { codec, tag, profile, level }) =>
      codec === 'h264' && tag === 'avc1' && profile === 'High' && level <= MAX_LEVEL
        ? []
        : [`${codec} ${tag} ${profile} ${level}`],
    ),
  },
  {
    name: 'there are at most 60 pictures a second',
    source: `${AUTHORING} 1.19`,
    check: inProbes(['video'], (_, __, probe) =>
      frameRateOf(probe) < 60.001 ? [] : [`${frameRateOf(probe)} pictures a second`],
    ),
  },
  {
    name: 'sound is stereo AAC',
    source: `${AUTHORING} 2.3`,
    check: inProbes(['audio'], (_, __, { codec, channels }) =>
      codec === 'aac' && channels === 2 ? [] : [`${codec} of ${channels} channels`],
    ),
  },
  {
    name: 'media go on without a gap',
    source: `${AUTHORING} 7.1, 7.3`,
    check: inProbes(['video', 'audio'], (_, __, { packets }) =>
      packets
        .slice(1)
        .flatMap(({ dts }, index) => {
          const before = packets[index];
          const gap = before ? dts - before.dts - before.duration : 0;
          return Math.abs(gap) < 1e-4 ? [] : [`${gap} s between packets at ${dts} s`];
        })
        .slice(0, 3),
    ),
  },
  {
    name: 'a segment of pictures begins with a key frame',
    source: `${AUTHORING} 7.4, 8.1`,
    check: inProbes(['video'], (_, media, probe) => keyless(media, probe)),
  },
  {
    name: KEY_FRAMES_OFTEN,
    source: `${AUTHORING} 1.13`,
    check: inProbes(['video'], (_, __, probe) => {
      const times = [...keyTimes(probe), lengthOf(probe)];
      const longest = Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
      return longest <= KEY_INTERVAL * 1.01 ? [] : [`${longest} s without a key frame`];
    }),
  },
  {
    name: 'EXTINFs add up to what is played',
    source: `${AUTHORING} 8.1`,
    check: inProbes(['video', 'audio'], (_, { kind, playlist }, probe) => {
      const frame = kind === 'video' ? 1 / frameRateOf(probe) : PACKET_SECONDS;
      const said = segmentsOf(playlist).reduce((total, { seconds }) => total + seconds, 0);
      return Math.abs(said - lengthOf(probe)) < frame / 2 ? [] : [`${said} s, not ${lengthOf(probe)} s`];
    }),
  },
  {
    name: 'I-frame playlists say so, and no others',
    source: `${AUTHORING} 6.8`,
    check: ({ media }) =>
      media
        .filter(
          ({ kind, playlist }) => (kind === 'iframes') !== tagsOf(playlist, 'EXT-X-I-FRAMES-ONLY').length > 0,
        )
        .map(({ playlist: { path } }) => ({ path, problem: 'EXT-X-I-FRAMES-ONLY in the wrong place' })),
  },
  {
    name: 'each range of an I-frame playlist alone is one picture',
    source: `${AUTHORING} 6.10, ${RFC} 4.3.3.6`,
    check: (presentation) =>
      ofKind(presentation, 'iframes').flatMap(({ playlist: { path } }) => {
        const { ranges = 0, pictures = 0 } = presentation.decoded.get(path) ?? {};
        return ranges > 0 && ranges === pictures
          ? []
          : [{ path, problem: `${ranges} ranges, ${pictures} pictures` }];
      }),
  },
];
