import { badCursor, type Position } from '../paging/cursor.js';
import { type PageArgs, startOf } from '../paging/page.js';

/** The ids of sessions do not tell when these began. */
const ORDER = 'FIRST_SEEN_DESC';

/** Sort of a page of sessions. */
export const newestSession = { firstSeenAt: -1, _id: -1 } as const;

export const sessionPosition = ({ _id: id, firstSeenAt }: { _id: string; firstSeenAt: Date }): Position => ({
  order: ORDER,
  value: firstSeenAt.toISOString(),
  id,
});

/**
 * The condition of sessions after the cursor; of all on the first page.
 * @throws AppError BAD_USER_INPUT (after)
 */
export function olderSessions(args: Pick<PageArgs, 'after'>): object {
  const start = startOf(args, ORDER);
  if (!start) return {};
  const firstSeenAt = new Date(start.value);
  if (Number.isNaN(firstSeenAt.getTime())) throw badCursor();
  return { $or: [{ firstSeenAt: { $lt: firstSeenAt } }, { firstSeenAt, _id: { $lt: start.id } }] };
}
