import { captionError } from './caption-error.js';
import { fitSettings, fromSubRip } from './cue-settings.js';
import { fitText } from './cue-text.js';
import { decodeLines } from './decode-text.js';
import type { Cue } from './web-vtt.js';

/** More than any film has, and no more than is quickly read. */
export const MAX_CUES = 20_000;
export const MAX_CUE_LENGTH = 2_000;
/** Cues that are shown at the same time. */
export const MAX_CUES_AT_ONCE = 50;

const MAX_HOURS = 999;
const ARROW = '-->';

/** Where the two formats differ. */
interface Dialect {
  name: string;
  time: RegExp;
  isBlank: (line: string) => boolean;
  /** Whether a block that begins with this line says nothing about cues. */
  isAside: (line: string) => boolean;
  cueOf: (text: string, settings: string) => { text: string; settings: string };
}

const webVtt: Dialect = {
  name: 'WebVTT',
  time: /^(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})$/,
  isBlank: (line) => line === '',
  isAside: (line) => /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(line),
  cueOf: (text, settings) => ({ text, settings: fitSettings(settings) }),
};

const subRip: Dialect = {
  name: 'SubRip',
  time: /^(\d{1,4}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})$/,
  isBlank: (line) => /^[ \t]*$/.test(line),
  isAside: () => false,
  // What follows the times there are pixels of a picture that we do not have.
  cueOf: (text) => fromSubRip(text),
};

type LocatedCue = Cue & { line: number };

/**
 * The cues of a WebVTT or SubRip file, in the order in which they are shown, as WebVTT. Notes, styles, regions,
 * names of cues and cues without text are dropped.
 * @throws AppError BAD_USER_INPUT (field, line) and nothing else
 */
export function parseCaptions(file: Uint8Array): Cue[] {
  const lines = decodeLines(file);
  const isWebVtt = /^WEBVTT(?:[ \t]|$)/.test(lines[0] ?? '');
  const cues = isWebVtt ? readBlocks(lines, headerEnd(lines), webVtt) : readBlocks(lines, 0, subRip);
  if (cues.length === 0) throw captionError('There are no captions in it.');
  cues.sort((a, b) => a.startMs - b.startMs);
  checkOverlap(cues);
  return cues.map(({ line: _line, ...cue }) => cue);
}

/** The header ends with a blank line; one that forgets it, with the first cue. */
function headerEnd(lines: readonly string[]): number {
  const end = lines.findIndex((line, at) => at > 0 && (line === '' || line.includes(ARROW)));
  return end === -1 ? lines.length : end;
}

function readBlocks(lines: readonly string[], start: number, dialect: Dialect): LocatedCue[] {
  const cues: LocatedCue[] = [];
  for (let at = start; at < lines.length;) {
    const line = lines[at] ?? '';
    if (dialect.isBlank(line)) at += 1;
    else if (dialect.isAside(line) && !lines[at + 1]?.includes(ARROW)) at = blockEnd(lines, at, dialect);
    else {
      // The line before the times is the name of a cue, or its number.
      const times = line.includes(ARROW) ? at : at + 1;
      const end = cueEnd(lines, times + 1, dialect);
      const cue = readCue(lines, { times, end }, dialect);
      if (cue) cues.push(cue);
      if (cues.length > MAX_CUES) throw captionError(`There are more than ${MAX_CUES} captions.`, times + 1);
      at = end;
    }
  }
  return cues;
}

function blockEnd(lines: readonly string[], start: number, { isBlank }: Dialect): number {
  let end = start;
  while (end < lines.length && !isBlank(lines[end] ?? '')) end += 1;
  return end;
}

/** A cue ends before a blank line, or before the next one's times, and the number above them. */
function cueEnd(lines: readonly string[], start: number, dialect: Dialect): number {
  let end = start;
  while (end < lines.length && !dialect.isBlank(lines[end] ?? '') && !lines[end]?.includes(ARROW)) end += 1;
  const runsInto = end > start && (lines[end] ?? '').includes(ARROW);
  return runsInto && /^\d+[ \t]*$/.test(lines[end - 1] ?? '') ? end - 1 : end;
}

function readCue(
  lines: readonly string[],
  { times, end }: { times: number; end: number },
  dialect: Dialect,
): LocatedCue | undefined {
  const line = times + 1;
  const { startMs, endMs, rest } = readTimes(lines[times] ?? '', line, dialect);
  const cue = dialect.cueOf(lines.slice(times + 1, end).join('\n'), rest);
  const text = fitText(cue.text);
  if (text.length > MAX_CUE_LENGTH) {
    throw captionError(`The caption has more than ${MAX_CUE_LENGTH} characters.`, line + 1);
  }
  return text === '' ? undefined : { startMs, endMs, settings: cue.settings, text, line };
}

function readTimes(
  text: string,
  line: number,
  dialect: Dialect,
): { startMs: number; endMs: number; rest: string } {
  const [, from = '', to = '', rest = ''] = /^[ \t]*(\S+)[ \t]*-->[ \t]*(\S+)(.*)$/.exec(text) ?? [];
  const startMs = readTime(from, dialect);
  const endMs = readTime(to, dialect);
  if (startMs === undefined || endMs === undefined) {
    const example = dialect === webVtt ? '00:00:01.000 --> 00:00:02.000' : '00:00:01,000 --> 00:00:02,000';
    throw captionError(
      `The times of a caption should stand here, as ${dialect.name} writes them: ${example}`,
      line,
    );
  }
  if (startMs >= endMs) throw captionError('The caption ends before it starts.', line);
  return { startMs, endMs, rest };
}

function readTime(text: string, { time }: Dialect): number | undefined {
  const [whole, hours = '0', minutes = '0', seconds = '0', fraction = '0'] = time.exec(text) ?? [];
  if (whole === undefined || Number(hours) > MAX_HOURS) return undefined;
  const wholeSeconds = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return wholeSeconds * 1000 + Number(fraction.padEnd(3, '0'));
}

/** What is shown at once is in every part of a film that it is cut into: that must not grow without end. */
function checkOverlap(cues: readonly LocatedCue[]): void {
  const ends = cues.map(({ endMs }) => endMs).sort((a, b) => a - b);
  let ended = 0;
  for (const [index, { startMs, line }] of cues.entries()) {
    while ((ends[ended] ?? Infinity) <= startMs) ended += 1;
    if (index + 1 - ended > MAX_CUES_AT_ONCE) {
      throw captionError(`More than ${MAX_CUES_AT_ONCE} captions are shown at once.`, line);
    }
  }
}
