import { AppError } from '../../schema/errors.js';

const MAX_LENGTH = 255;
/** Control characters, line separators, and the marks that turn the direction of text around them. */
const unfit = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** One line of a client's text as it may be stored and shown: at most 255 characters; may be empty. */
export function displayText(text: string): string {
  const clean = text.toWellFormed().replace(unfit, ' ').trim();
  return Array.from(clean).slice(0, MAX_LENGTH).join('').trim();
}

/**
 * One line of a client's text for something that has to have one.
 * @throws AppError BAD_USER_INPUT (field)
 */
export function requiredText(field: string, text: string): string {
  const shown = displayText(text);
  if (shown === '') throw new AppError('BAD_USER_INPUT', { field, message: `${field} must not be blank.` });
  return shown;
}

/** The name of a file as its sender calls it, without folders. Only ever shown, never used as a path. */
export const displayFilename = (name: string): string =>
  displayText(name.replace(/^.*[/\\]/s, '')) || 'video';

/** A title for a video that was sent without one: its file name without the extension. */
export const titleOfFile = (filename: string): string => filename.replace(/(?<=.)\.[^.\s]{1,10}$/, '');
