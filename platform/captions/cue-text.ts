/**
 * The text of cues, made fit for WebVTT (https://www.w3.org/TR/webvtt1/#webvtt-cue-text): the tags it knows
 * stay, others go, and what is neither tag nor character reference is escaped. What comes out stays as it is
 * when it is made fit again, and holds no `-->`.
 */

/** One after the other: a tag, a time within a cue, a character reference, a character of meaning. */
const pieces =
  /<\/?[a-z][^<>]*>|<(?:\d{2,4}:)?[0-5]\d:[0-5]\d\.\d{3}>|&(?:[a-z][a-z\d]{1,30}|#\d{1,7}|#x[\da-f]{1,6});|[<>&]/gi;

const tag = /^<(\/?)(i|b|u|c|v|ruby|rt|lang)((?:\.\w+(?:-\w+)*)*)(?:[ \t\n]+([^<>]*))?>$/i;

const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** Cue text of WebVTT, safe to be stored and shown; may be empty. Lines are separated by `\n`. */
export function fitText(text: string): string {
  return text
    .replace(pieces, fitPiece)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

function fitPiece(piece: string): string {
  const escaped = escapes[piece];
  if (escaped !== undefined) return escaped;
  return /^<\/?[a-z]/i.test(piece) ? fitTag(piece) : piece;
}

function fitTag(text: string): string {
  const [, slash = '', written = '', classes = '', annotation = ''] = tag.exec(text) ?? [];
  const name = written.toLowerCase();
  if (name === '' || slash !== '') return name && `</${name}>`;
  const about = name === 'v' || name === 'lang' ? fitAnnotation(annotation) : '';
  return `<${name}${classes}${about && ` ${about}`}>`;
}

/** A speaker or a language; two dashes would be an arrow with the end of the tag. */
const fitAnnotation = (text: string): string =>
  text.replace(pieces, fitPiece).replace(/\s+/g, ' ').replace(/-{2,}/g, '-').trim();
