import { segmentsOf } from './playlist-text.js';
import { AUTHORING, type Finding, ofKind, type Presentation, type Rule } from './presentation.js';

const FOR_DEAF =
  'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound';

const TIMESTAMP_MAP = /^WEBVTT[^\n]*\nX-TIMESTAMP-MAP=(LOCAL:[\d:.]+,MPEGTS:\d+|MPEGTS:\d+,LOCAL:[\d:.]+)\n/;

const TIMING = /^(?:(\d+):)?(\d\d):(\d\d\.\d{3}) --> (?:(\d+):)?(\d\d):(\d\d\.\d{3})/gm;

const toSeconds = (hours = '0', minutes = '', seconds = ''): number =>
  Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);

/** When the cues of a WebVTT file are shown, seconds. */
const cuesOf = (text: string): { start: number; end: number }[] =>
  [...text.matchAll(TIMING)].map(([, h1, m1, s1, h2, m2, s2]) => ({
    start: toSeconds(h1, m1, s1),
    end: toSeconds(h2, m2, s2),
  }));

/** Looks at every segment of subtitles. */
const inTexts =
  (check: (text: string, part: { start: number; seconds: number }) => boolean, problem: string) =>
  (presentation: Presentation): Finding[] =>
    ofKind(presentation, 'subtitles').flatMap(({ playlist }) =>
      segmentsOf(playlist)
        .filter((segment) => !check(presentation.texts.get(segment.file) ?? '', segment))
        .map(({ file }) => ({ path: file, problem })),
    );

const inTags =
  (isWrong: (attributes: ReadonlyMap<string, string>) => boolean, problem: string) =>
  (presentation: Presentation): Finding[] =>
    ofKind(presentation, 'subtitles')
      .filter(({ tag }) => isWrong(tag.attributes))
      .map(({ tag: { line } }) => ({ path: presentation.master.path, line, problem }));

/** What holds for captions. */
export const subtitleRules: readonly Rule[] = [
  {
    name: 'subtitles are WebVTT with a timestamp map',
    source: `${AUTHORING} 5.2, 5.3`,
    check: inTexts((text) => TIMESTAMP_MAP.test(text), 'no WEBVTT, or no X-TIMESTAMP-MAP'),
  },
  {
    name: 'a segment of subtitles has the cues that are shown in it, and no others',
    source: 'RFC 8216 3.5',
    check: inTexts(
      (text, { start, seconds }) =>
        cuesOf(text).every((cue) => cue.end > cue.start && cue.start < start + seconds && cue.end > start),
      'a cue of another time',
    ),
  },
  {
    name: 'subtitles for people who cannot hear may be chosen by players',
    source: `${AUTHORING} 4.5, 4.6`,
    check: inTags(
      (attributes) =>
        attributes.get('CHARACTERISTICS') === FOR_DEAF && attributes.get('AUTOSELECT') !== 'YES',
      'for people who cannot hear, and not AUTOSELECT',
    ),
  },
  {
    name: 'forced subtitles may be chosen by players',
    source: `${AUTHORING} 5.11`,
    check: inTags(
      (attributes) => attributes.get('FORCED') === 'YES' && attributes.get('AUTOSELECT') !== 'YES',
      'forced, and not AUTOSELECT',
    ),
  },
];
