import { captionError } from './caption-error.js';

/** Byte order marks; a file without one is UTF-8, as WebVTT always is. */
const marks = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/** Control characters, without tabs and what ends lines; and the mark where it does not belong. */
const unfit = /[^\P{Cc}\t\n]|\uFEFF/gu;

/**
 * The lines of a text file, whatever ends them.
 * @throws AppError BAD_USER_INPUT (field) where it is neither UTF-8 nor UTF-16 with a byte order mark
 */
export function decodeLines(file: Uint8Array): string[] {
  const mark = marks.find(({ bytes }) => bytes.every((byte, at) => file[at] === byte));
  try {
    const text = new TextDecoder(mark?.encoding, { fatal: true }).decode(file);
    return text.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD').replace(unfit, '').split('\n');
  } catch {
    throw captionError('The file is not text in UTF-8, or in UTF-16 with a byte order mark.');
  }
}
