import { type Playlist, resolve, tagsOf, valueOf } from './playlist-text.js';
import { AUTHORING, type Finding, type Presentation, RFC, type Rule } from './presentation.js';

const allPlaylists = ({ master, media }: Presentation): Playlist[] => [
  master,
  ...new Map(media.map(({ playlist }) => [playlist.path, playlist])).values(),
];

const inEach =
  (check: (playlist: Playlist) => Finding[]) =>
  (presentation: Presentation): Finding[] =>
    allPlaylists(presentation).flatMap(check);

/** The least version that what a playlist says needs (RFC 8216 section 7). */
function neededVersion(playlist: Playlist): number {
  const has = (name: string): boolean => tagsOf(playlist, name).length > 0;
  const iframes = has('EXT-X-I-FRAMES-ONLY');
  return Math.max(
    tagsOf(playlist, 'EXTINF').some(({ value }) => value.includes('.')) ? 3 : 1,
    iframes || has('EXT-X-BYTERANGE') ? 4 : 1,
    has('EXT-X-MAP') ? (iframes ? 5 : 6) : 1,
  );
}

/** What every playlist has to look like. */
export const syntaxRules: readonly Rule[] = [
  {
    name: 'begins with EXTM3U',
    source: `${RFC} 4.3.1.1`,
    check: inEach(({ path, lines }) =>
      lines[0] === '#EXTM3U' ? [] : [{ path, line: 1, problem: `begins with ${lines[0]}` }],
    ),
  },
  {
    name: 'says a version that has all it uses',
    source: `${RFC} 4.3.1.2, 7`,
    check: inEach((playlist) => {
      const { path } = playlist;
      const versions = tagsOf(playlist, 'EXT-X-VERSION');
      const needed = neededVersion(playlist);
      return versions.length === 1 && Number(versions[0]?.value) >= needed
        ? []
        : [{ path, line: versions[0]?.line, problem: `needs version ${needed}, once` }];
    }),
  },
  {
    name: 'has no control characters, and ends its lines',
    source: `${RFC} 4.1`,
    check: inEach(({ path, lines }) =>
      [
        ...lines.flatMap((text, index) => (/[\p{Cc}\ufeff]/u.test(text) ? [index + 1] : [])),
        ...(lines.at(-1) === '' ? [] : [lines.length]),
      ].map((line) => ({ path, line, problem: 'characters that may not be there, or no end of the line' })),
    ),
  },
  {
    name: 'has attribute lists that can be read, no attribute twice',
    source: `${RFC} 4.2`,
    check: inEach(({ path, tags }) =>
      tags.filter(({ malformed }) => malformed).map(({ line, value }) => ({ path, line, problem: value })),
    ),
  },
  {
    name: 'is a master or a media playlist, not both',
    source: `${RFC} 4.1`,
    check: (presentation) =>
      allPlaylists(presentation).flatMap(({ path, tags }) => {
        const ofOthers =
          path === presentation.master.path
            ? /^EXT(INF|-X-(BYTERANGE|MAP|TARGETDURATION|MEDIA-SEQUENCE|ENDLIST|PLAYLIST-TYPE|I-FRAMES-ONLY))$/
            : /^EXT-X-(MEDIA|STREAM-INF|I-FRAME-STREAM-INF|SESSION-DATA)$/;
        return tags
          .filter(({ name }) => ofOthers.test(name))
          .map(({ line, name }) => ({ path, line, problem: `has ${name}` }));
      }),
  },
  {
    name: 'names files that are there, and ranges within them',
    source: `${RFC} 4.3.2.2`,
    check: (presentation) =>
      allPlaylists(presentation).flatMap((playlist) => missing(presentation, playlist)),
  },
  {
    name: 'says that segments are independent',
    source: `${AUTHORING} 9.11`,
    check: ({ master }) =>
      tagsOf(master, 'EXT-X-INDEPENDENT-SEGMENTS').length === 1
        ? []
        : [{ path: master.path, problem: 'no EXT-X-INDEPENDENT-SEGMENTS' }],
  },
];

function missing({ sizes }: Presentation, playlist: Playlist): Finding[] {
  const named = [
    ...playlist.entries.map(({ line, uri, tags }) => {
      const [, length = 0, offset = 0] =
        /^(\d+)@(\d+)$/.exec(tags.find(({ name }) => name === 'EXT-X-BYTERANGE')?.value ?? '') ?? [];
      return { line, uri, end: Number(length) + Number(offset) };
    }),
    ...playlist.tags.flatMap(({ line, attributes }) => {
      const uri = attributes.get('URI');
      return uri === undefined ? [] : [{ line, uri, end: 0 }];
    }),
  ];
  return named
    .filter(({ uri, end }) => (sizes.get(resolve(playlist, uri)) ?? -1) < end)
    .map(({ line, uri }) => ({ path: playlist.path, line, problem: `${uri} is not there, or shorter` }));
}

/** The number that a playlist says with a tag; not a number where it does not. */
export const numberOf = (playlist: Playlist, name: string): number =>
  parseInt(valueOf(playlist, name) ?? '', 10);
