import type { ClientSession, QueryFilter } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { DeadLetter, DeadLetterState } from '../../schema/dead-letter.js';
import { newestFirst, olderThan, positionById } from '../paging/newest-first.js';
import { type Page, pageOf, type PageArgs, rowsToRead } from '../paging/page.js';
import type { DeadLetterFilter, DeadLettersArgs } from './dead-letter-types.js';

type Decision = typeof DeadLetterState.REPLAYED | typeof DeadLetterState.DISCARDED;

/** Dead letters, and what was decided about them. */
export interface DeadLetterStore {
  find(id: string): Promise<DeadLetter | undefined>;
  /** The newest first; those that are OPEN where the filter does not say. */
  page(args: DeadLettersArgs): Promise<Page<DeadLetter>>;
  /** OPEN letters about videos, the newest first, from after the cursor on. */
  listReplayable(
    filter: DeadLetterFilter,
    args: Pick<PageArgs, 'after'>,
    limit: number,
  ): Promise<DeadLetter[]>;
  countOpen(): Promise<number>;
  /** OPEN → decided; undefined where it is not OPEN any more. */
  decide(id: string, state: Decision, session?: ClientSession): Promise<DeadLetter | undefined>;
  /** Notes the generation that a replay has started. */
  markReplayed(id: string, generation: number, session: ClientSession): Promise<void>;
}

export function createDeadLetterStore(deps: { db: Database }): DeadLetterStore {
  const letters = deps.db.model(DeadLetter);

  return {
    async find(id) {
      return (await letters.findById(id).lean<DeadLetter>()) ?? undefined;
    },

    async page(args) {
      const rows = await letters
        .find({ ...conditionOf(args.filter), ...olderThan(args) })
        .sort(newestFirst)
        .limit(rowsToRead(args))
        .lean<DeadLetter[]>();
      return pageOf(rows, args, positionById);
    },

    listReplayable: async (filter, args, limit) =>
      letters
        .find({
          $and: [
            { ...conditionOf(filter), state: DeadLetterState.OPEN },
            { videoId: { $exists: true } },
            olderThan(args),
          ],
        })
        .sort(newestFirst)
        .limit(limit)
        .lean<DeadLetter[]>(),

    countOpen: () => letters.countDocuments({ state: DeadLetterState.OPEN }),

    async decide(id, state, session) {
      const decided = await letters
        .findOneAndUpdate(
          { _id: id, state: DeadLetterState.OPEN },
          { $set: { state, decidedAt: new Date() } },
          { session, returnDocument: 'after' },
        )
        .lean<DeadLetter>();
      return decided ?? undefined;
    },

    async markReplayed(id, generation, session) {
      await letters.updateOne({ _id: id }, { $set: { replayedAs: generation } }, { session });
    },
  };
}

function conditionOf(filter: DeadLetterFilter | null | undefined): QueryFilter<DeadLetter> {
  const { state = DeadLetterState.OPEN, code, videoId } = filter ?? {};
  return {
    ...(state != null && { state }),
    ...(code != null && { code }),
    ...(videoId != null && { videoId }),
  } as QueryFilter<DeadLetter>;
}
