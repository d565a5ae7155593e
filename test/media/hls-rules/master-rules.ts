import { resolve, type Tag, tagsOf } from './playlist-text.js';
import {
  AUTHORING,
  type Finding,
  frameRateOf,
  groupOf,
  type Media,
  ofKind,
  type Presentation,
  probeOf,
  RFC,
  type Rule,
  variants,
} from './presentation.js';

/** Looks at lines of the master: at what `check` says is wrong with each of them. */
const inLines =
  (
    linesOf: (presentation: Presentation) => Media[],
    check: (presentation: Presentation, line: Media) => unknown,
  ) =>
  (presentation: Presentation): Finding[] =>
    linesOf(presentation).flatMap((media) => {
      const problem = check(presentation, media);
      const at = { path: presentation.master.path, line: media.tag.line };
      return typeof problem === 'string' ? [{ ...at, problem }] : [];
    });

const attribute = ({ tag }: Media, name: string): string | undefined => tag.attributes.get(name);

const pictured = (presentation: Presentation): Media[] => ofKind(presentation, 'video', 'iframes');

/** An I-frame playlist and a variant of the same size play the same segments. */
const videoOf = (presentation: Presentation, { playlist, kind, ...media }: Media): Media | undefined =>
  kind === 'iframes'
    ? ofKind(presentation, 'video').find(
        (video) => video.playlist.path.split('/')[0] === playlist.path.split('/')[0],
      )
    : { playlist, kind, ...media };

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/** The RFC 6381 names of what ffprobe found; constraint flags are not its to tell. */
const PROFILES: Readonly<Record<string, number>> = { Main: 77, High: 100 };

function codecPattern(presentation: Presentation, media: Media): string | undefined {
  const probe = probeOf(presentation, media);
  if (probe?.codec === 'aac' && probe.profile === 'LC') return 'mp4a\\.40\\.2';
  const profile = PROFILES[probe?.profile ?? ''];
  if (probe?.codec !== 'h264' || profile === undefined) return undefined;
  return `${probe.tag}\\.${hex(profile)}[0-9A-F]{2}${hex(probe.level)}`;
}

function wrongCodecs(presentation: Presentation, line: Media): string | undefined {
  const played = [videoOf(presentation, line) ?? line, ...groupOf(presentation, line, 'AUDIO')];
  const patterns = [...new Set(played.map((media) => codecPattern(presentation, media)))];
  const declared = (attribute(line, 'CODECS') ?? '').split(',');
  const fits =
    declared.length === patterns.length &&
    patterns.every((pattern) => declared.some((codec) => pattern && new RegExp(`^${pattern}$`).test(codec)));
  return fits ? undefined : `CODECS ${declared.join()}, not ${patterns.join()}`;
}

function wrongGroup({ media }: Presentation, line: Media): string | undefined {
  for (const type of ['AUDIO', 'SUBTITLES', 'CLOSED-CAPTIONS']) {
    const groups = media.filter(({ tag }) => tag.attributes.get('TYPE') === type);
    const named = attribute(line, type);
    const ids = groups.map((member) => attribute(member, 'GROUP-ID'));
    if (named === 'NONE' && type === 'CLOSED-CAPTIONS') continue;
    if (named !== undefined && !ids.includes(named)) return `there is no group ${named} of ${type}`;
    if (named === undefined && ids.length) return `does not name the group of ${type}`;
  }
  return undefined;
}

const renditions = ({ master }: Presentation): Tag[] => tagsOf(master, 'EXT-X-MEDIA');

/** Members of a group whose key another one before them has already. */
function repeated(presentation: Presentation, keyOf: (tag: Tag) => string | undefined): Finding[] {
  const seen = new Set<string>();
  return renditions(presentation).flatMap((tag) => {
    const key = keyOf(tag);
    const inGroup = `${tag.attributes.get('TYPE')} ${tag.attributes.get('GROUP-ID')} ${key}`;
    const isRepeated = seen.has(inGroup);
    if (key !== undefined) seen.add(inGroup);
    return isRepeated
      ? [{ path: presentation.master.path, line: tag.line, problem: `${key} twice in a group` }]
      : [];
  });
}

const renditionsWhere = (isWrong: (tag: Tag) => boolean, problem: string) => (presentation: Presentation) =>
  renditions(presentation)
    .filter(isWrong)
    .map(({ line }) => ({ path: presentation.master.path, line, problem }));

/** Sides of pictures are even: each may be a pixel off the ratio of another. */
function otherShape(presentation: Presentation, line: Media): string | undefined {
  const [width, height] = sizeOf(ofKind(presentation, 'video')[0]);
  const [ownWidth, ownHeight] = sizeOf(line);
  const off = Math.abs(ownWidth - (ownHeight * width) / height);
  return off <= 1 + width / height ? undefined : `${ownWidth}x${ownHeight} beside ${width}x${height}`;
}

const sizeOf = (media: Media | undefined): [number, number] => {
  const [width = NaN, height = NaN] = (media?.tag.attributes.get('RESOLUTION') ?? '').split('x').map(Number);
  return [width, height];
};

/** What the master playlist says of its media playlists. */
export const masterRules: readonly Rule[] = [
  {
    name: 'has a variant, and names no playlist twice for the same purpose',
    source: `${RFC} 4.3.4.2`,
    check: (presentation) => {
      const { path, entries } = presentation.master;
      if (entries.length === 0) return [{ path, problem: 'no variant' }];
      const uris = entries.map(({ uri }) => resolve(presentation.master, uri));
      return entries
        .filter((_, index) => uris.indexOf(uris[index] ?? '') !== index)
        .map(({ line, uri }) => ({ path, line, problem: `${uri} again` }));
    },
  },
  {
    name: 'CODECS are those that are played',
    source: `${AUTHORING} 9.1, 9.3`,
    check: inLines(
      (presentation) => [...variants(presentation), ...ofKind(presentation, 'iframes')],
      wrongCodecs,
    ),
  },
  {
    name: 'RESOLUTION is that of the pictures',
    source: `${AUTHORING} 9.2, 9.4`,
    check: inLines(pictured, (presentation, line) => {
      const video = videoOf(presentation, line);
      const { width, height } = (video && probeOf(presentation, video)) ?? {};
      const declared = attribute(line, 'RESOLUTION');
      return declared !== `${width}x${height}` && `RESOLUTION ${declared}, not ${width}x${height}`;
    }),
  },
  {
    name: 'FRAME-RATE is that of the pictures',
    source: `${AUTHORING} 9.15, ${RFC} 4.3.4.2`,
    check: inLines(
      (presentation) => ofKind(presentation, 'video'),
      (presentation, line) => {
        const rate = frameRateOf(probeOf(presentation, line)).toFixed(3);
        return attribute(line, 'FRAME-RATE') !== rate && `FRAME-RATE is not ${rate}`;
      },
    ),
  },
  {
    name: 'VIDEO-RANGE is said unless all pictures are SDR',
    source: `${AUTHORING} 9.16`,
    check: inLines(pictured, (presentation, line) => {
      const video = videoOf(presentation, line);
      const transfer = video && probeOf(presentation, video)?.transfer;
      return transfer !== 'bt709' && !attribute(line, 'VIDEO-RANGE') && `no VIDEO-RANGE for ${transfer}`;
    }),
  },
  {
    name: 'closed captions are declared where there are any, and NONE is said of all or of none',
    source: `${AUTHORING} 4.4, ${RFC} 4.3.4.2`,
    check: inLines(variants, (presentation, line) => {
      const declared = variants(presentation).map((other) => attribute(other, 'CLOSED-CAPTIONS'));
      const hasAny = presentation.media.some((media) => probeOf(presentation, media)?.closedCaptions);
      if (hasAny && (attribute(line, 'CLOSED-CAPTIONS') ?? 'NONE') === 'NONE') return 'does not declare them';
      return (
        declared.includes('NONE') && attribute(line, 'CLOSED-CAPTIONS') !== 'NONE' && 'NONE of others only'
      );
    }),
  },
  {
    name: 'variants have pictures of one shape',
    source: `${AUTHORING} 1.33`,
    check: inLines((presentation) => ofKind(presentation, 'video'), otherShape),
  },
  {
    name: 'variants name the groups of renditions that there are',
    source: `${RFC} 4.3.4.2.1`,
    check: inLines(variants, wrongGroup),
  },
  {
    name: 'each rendition of a group has a name of its own',
    source: `${RFC} 4.3.4.1.1`,
    check: (presentation) =>
      repeated(presentation, ({ attributes }) => `NAME ${attributes.get('NAME') ?? ''}`),
  },
  {
    name: 'a group has one default, which players may choose by themselves',
    source: `${RFC} 4.3.4.1`,
    check: (presentation) => [
      ...repeated(presentation, ({ attributes }) =>
        attributes.get('DEFAULT') === 'YES' ? 'DEFAULT=YES' : undefined,
      ),
      ...renditionsWhere(
        ({ attributes }) => attributes.get('DEFAULT') === 'YES' && attributes.get('AUTOSELECT') !== 'YES',
        'DEFAULT without AUTOSELECT',
      )(presentation),
    ],
  },
  {
    name: 'what players may choose by themselves differs in what they choose by',
    source: `${RFC} 4.3.4.1.1`,
    check: (presentation) =>
      repeated(presentation, ({ attributes }) =>
        attributes.get('AUTOSELECT') === 'YES'
          ? ['LANGUAGE', 'ASSOC-LANGUAGE', 'FORCED', 'CHARACTERISTICS']
              .map((name) => attributes.get(name))
              .join()
          : undefined,
      ),
  },
  {
    name: 'each rendition names its language',
    source: `${AUTHORING} 8.10, 4.7`,
    check: renditionsWhere(({ attributes }) => !attributes.get('LANGUAGE'), 'no LANGUAGE'),
  },
  {
    name: 'CHANNELS are those of the sound',
    source: `${RFC} 4.3.4.1`,
    check: inLines(
      ({ media }) => media.filter((line) => attribute(line, 'TYPE') === 'AUDIO'),
      (presentation, line) => {
        const channels = probeOf(presentation, line)?.channels;
        return attribute(line, 'CHANNELS') !== String(channels) && `CHANNELS is not ${channels}`;
      },
    ),
  },
  {
    name: 'each rendition of pictures has an I-frame playlist',
    source: `${AUTHORING} 6.1, 6.6`,
    check: inLines(
      (presentation) => ofKind(presentation, 'video'),
      (presentation, line) => {
        const iframes = ofKind(presentation, 'iframes');
        const found = iframes.some((other) => videoOf(presentation, other)?.playlist === line.playlist);
        return !found && 'no I-frame playlist';
      },
    ),
  },
];
