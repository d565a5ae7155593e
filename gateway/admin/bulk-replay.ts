import type { DeadLetter } from '../../schema/dead-letter.js';
import { DeadLetterState } from '../../schema/dead-letter.js';
import { AppError, toAppError } from '../../schema/errors.js';
import { encodeCursor } from '../paging/cursor.js';
import { positionById } from '../paging/newest-first.js';
import type { DeadLetterStore } from './dead-letter-store.js';
import type { ReplayDeadLettersArgs, ReplayedDeadLetters, ReplayRefusal } from './dead-letter-types.js';
import type { ReplayService } from './replay-service.js';

/** What was replayed, and what not; the letters that were are named for the audit log. */
export type BulkReplay = ReplayedDeadLetters & { replayedIds: string[] };

/** Letters of one call, and how many at a time. */
const MAX_LETTERS = 1_000;
const AT_ONCE = 8;

/**
 * Replays OPEN letters about videos, as the filter wants, each on its own: one that cannot be replayed
 * does not keep the others.
 * @throws AppError BAD_USER_INPUT (state, after)
 */
export async function replayAll(
  deps: {
    letters: Pick<DeadLetterStore, 'listReplayable'>;
    service: Pick<ReplayService, 'replay'>;
    maxLetters?: number;
  },
  args: ReplayDeadLettersArgs,
): Promise<BulkReplay> {
  const filter = args.filter ?? {};
  if (filter.state != null && filter.state !== DeadLetterState.OPEN) throw onlyOpen();
  const limit = deps.maxLetters ?? MAX_LETTERS;
  const letters = await deps.letters.listReplayable(filter, args, limit);
  const replayedIds: string[] = [];
  const refusals: ReplayRefusal[] = [];

  async function replay({ _id: id, videoId = '' }: DeadLetter): Promise<void> {
    try {
      await deps.service.replay(id);
      replayedIds.push(id);
    } catch (error) {
      const { code, message } = toAppError(error);
      refusals.push({ id, videoId, code, message });
    }
  }

  for (let from = 0; from < letters.length; from += AT_ONCE) {
    await Promise.all(letters.slice(from, from + AT_ONCE).map(replay));
  }
  const last = letters.length === limit ? letters.at(-1) : undefined;
  return {
    ...{ replayed: replayedIds.length, notReplayed: refusals.length, refusals, replayedIds },
    endCursor: last ? encodeCursor(positionById(last)) : null,
  };
}

const onlyOpen = (): AppError =>
  new AppError('BAD_USER_INPUT', {
    field: 'state',
    message: 'Only dead letters that are OPEN are replayed.',
  });
