import { type Playlist, secondsOf, segmentsOf, tagsOf, valueOf } from './playlist-text.js';
import {
  AUTHORING,
  type Finding,
  leeway,
  type Media,
  ofKind,
  type Presentation,
  RFC,
  type Rule,
} from './presentation.js';
import { numberOf } from './syntax-rules.js';

const inEachMedia =
  (check: (media: Media) => Finding[]) =>
  ({ media }: Presentation): Finding[] =>
    media.flatMap(check);

const say = (playlist: Playlist, name: string): Pick<Finding, 'path' | 'line'> => ({
  path: playlist.path,
  line: tagsOf(playlist, name)[0]?.line,
});

/** What media playlists of a finished film have to say, and how they have to agree. */
export const playlistRules: readonly Rule[] = [
  {
    name: 'target duration is no less than any rounded EXTINF',
    source: `${RFC} 4.3.3.1`,
    check: inEachMedia(({ playlist }) => {
      const target = numberOf(playlist, 'EXT-X-TARGETDURATION');
      return segmentsOf(playlist)
        .filter(({ seconds }) => !(seconds >= 0 && Math.round(seconds) <= target))
        .map(({ line, seconds }) => ({
          path: playlist.path,
          line,
          problem: `${seconds} s, target ${target}`,
        }));
    }),
  },
  {
    name: 'audio and video have the same target duration',
    source: `${AUTHORING} 8.2`,
    check: (presentation) => {
      const [first, ...others] = ofKind(presentation, 'video', 'audio');
      const wanted = first && valueOf(first.playlist, 'EXT-X-TARGETDURATION');
      return others
        .filter(({ playlist }) => valueOf(playlist, 'EXT-X-TARGETDURATION') !== wanted)
        .map(({ playlist }) => ({ ...say(playlist, 'EXT-X-TARGETDURATION'), problem: `is not ${wanted}` }));
    },
  },
  {
    name: 'a finished playlist ends',
    source: `${RFC} 4.3.3.4`,
    check: inEachMedia(({ playlist }) =>
      tagsOf(playlist, 'EXT-X-ENDLIST').length === 1 && playlist.lines.at(-2) === '#EXT-X-ENDLIST'
        ? []
        : [{ path: playlist.path, line: playlist.lines.length, problem: 'does not end with EXT-X-ENDLIST' }],
    ),
  },
  {
    name: 'a finished playlist is of type VOD',
    source: `${AUTHORING} 8.6`,
    check: inEachMedia(({ playlist }) =>
      valueOf(playlist, 'EXT-X-PLAYLIST-TYPE') === 'VOD'
        ? []
        : [{ ...say(playlist, 'EXT-X-PLAYLIST-TYPE'), problem: 'is not VOD' }],
    ),
  },
  {
    name: 'media sequence numbers have no gap and no discontinuity',
    source: `${RFC} 4.3.3.2, ${AUTHORING} 7.1`,
    check: inEachMedia(sequenceGaps),
  },
  {
    name: 'fMP4 has an init segment',
    source: `${AUTHORING} 8.20`,
    check: (presentation) =>
      ofKind(presentation, 'video', 'audio', 'iframes')
        .filter(({ playlist }) => {
          const [map] = tagsOf(playlist, 'EXT-X-MAP');
          return !map?.attributes.has('URI') || map.line > (playlist.entries[0]?.line ?? 0);
        })
        .map(({ playlist }) => ({ path: playlist.path, problem: 'no EXT-X-MAP before the first segment' })),
  },
  {
    name: 'all playlists play the same time',
    source: `${AUTHORING} 8.3, 8.7`,
    check: (presentation) => {
      const [first, ...others] = presentation.media;
      const wanted = first ? secondsOf(first.playlist) : 0;
      return others
        .filter(({ playlist }) => !(Math.abs(secondsOf(playlist) - wanted) <= leeway(presentation)))
        .map(({ playlist }) => ({
          path: playlist.path,
          problem: `plays ${secondsOf(playlist)} s, not ${wanted} s`,
        }));
    },
  },
  {
    name: 'segments begin at the same times',
    source: `${AUTHORING} 8.22`,
    check: differingBorders,
  },
];

/** Names of segments carry their number. */
function sequenceGaps({ playlist }: Media): Finding[] {
  const { path } = playlist;
  const first = numberOf(playlist, 'EXT-X-MEDIA-SEQUENCE');
  const breaks = tagsOf(playlist, 'EXT-X-DISCONTINUITY').map(({ line }) => ({
    ...{ path, line, problem: 'a discontinuity' },
  }));
  const gaps = playlist.entries
    .map(({ line, uri }, index) => ({ line, uri, wanted: first + index }))
    .filter(({ uri, wanted }) => Number(/^s(\d+)\./.exec(uri)?.[1]) !== wanted)
    .map(({ line, uri, wanted }) => ({ path, line, problem: `${uri} is not number ${wanted}` }));
  return [...breaks, ...gaps];
}

/** A last segment of sound may be missing where it would be shorter than a packet. */
function differingBorders(presentation: Presentation): Finding[] {
  const within = leeway(presentation);
  const [first, ...others] = ofKind(presentation, 'video', 'audio', 'iframes');
  const wanted = first ? segmentsOf(first.playlist) : [];
  return others.flatMap(({ playlist }) => {
    const segments = segmentsOf(playlist);
    const longer = segments.length > wanted.length ? segments : wanted;
    const end = Math.max(0, ...longer.map(({ start, seconds }) => start + seconds));
    const wrong = longer.find((segment, index) => {
      const other = (longer === wanted ? segments : wanted)[index];
      return !(Math.abs(segment.start - (other?.start ?? end)) <= within);
    });
    return wrong
      ? [{ path: playlist.path, problem: `differs from ${first?.playlist.path} at ${wrong.start} s` }]
      : [];
  });
}
