import { z } from 'zod';
import { AppError } from '../../schema/errors.js';

/** Where a page ended: the sort value and the id of its last row, under the order that was used. */
export interface Position {
  order: string;
  value: string;
  id: string;
}

const MAX_CURSOR_LENGTH = 2_000;
const format = z.tuple([z.string(), z.string(), z.string()]);

/** An opaque cursor of this position. */
export const encodeCursor = ({ order, value, id }: Position): string =>
  Buffer.from(JSON.stringify([order, value, id])).toString('base64url');

/**
 * The position a cursor stands for.
 * @throws AppError BAD_USER_INPUT for anything that is not a cursor of this order.
 */
export function decodeCursor(cursor: string, order: string): Position {
  const position = cursor.length <= MAX_CURSOR_LENGTH ? parse(cursor) : undefined;
  if (position?.order !== order) throw badCursor();
  return position;
}

/** The error for a cursor that was not given out by this list in this order. */
export const badCursor = (): AppError =>
  new AppError('BAD_USER_INPUT', {
    field: 'after',
    message: 'after must be a cursor of a page in the same order.',
  });

function parse(cursor: string): Position | undefined {
  try {
    const [order, value, id] = format.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { order, value, id };
  } catch {
    return undefined;
  }
}
