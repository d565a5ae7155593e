import { AppError } from '../../schema/errors.js';

/** What is wrong with a file of captions, and in which of its lines, from 1. */
export const captionError = (reason: string, line?: number): AppError =>
  new AppError('BAD_USER_INPUT', {
    field: 'file',
    ...(line !== undefined && { line }),
    message: line === undefined ? reason : `Line ${line}: ${reason}`,
  });
