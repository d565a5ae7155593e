import type { Position } from './cursor.js';
import { type PageArgs, startOf } from './page.js';

/** TypeIDs sort by time, so the id alone is the order. */
const ORDER = 'ID_DESC';

/** Sort of a page that begins with the newest. */
export const newestFirst = { _id: -1 } as const;

/** The position of a document in that order. */
export const positionById = ({ _id: id }: { _id: string }): Position => ({ order: ORDER, value: '', id });

/**
 * The condition of what comes after the cursor; of everything on the first page.
 * @throws AppError BAD_USER_INPUT (after)
 */
export function olderThan(args: Pick<PageArgs, 'after'>): { _id?: { $lt: string } } {
  const start = startOf(args, ORDER);
  return start ? { _id: { $lt: start.id } } : {};
}
