import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { DeadLetter } from '../../schema/dead-letter.js';
import { Video } from '../../schema/video.js';
import type { GatewayContext } from '../context.js';
import type { AuditLog } from './audit-log.js';
import { replayAll } from './bulk-replay.js';
import type { DeadLetterStore } from './dead-letter-store.js';
import {
  DeadLetterConnection,
  DeadLettersArgs,
  ReplayDeadLettersArgs,
  ReplayedDeadLetters,
} from './dead-letter-types.js';
import type { ReplayService } from './replay-service.js';

/** What failed for good, and what to do about it: for administrators. */
@Resolver()
export class DeadLetterResolver {
  constructor(
    private readonly deps: {
      letters: DeadLetterStore;
      service: ReplayService;
      audit: Pick<AuditLog, 'record'>;
    },
  ) {}

  @Query(() => DeadLetterConnection, {
    description:
      'What failed for good, the newest first. Errors: BAD_USER_INPUT (first, after, code, videoId).',
  })
  deadLetters(@Args(() => DeadLettersArgs) args: DeadLettersArgs): Promise<DeadLetterConnection> {
    return this.deps.letters.page(args);
  }

  @Mutation(() => Video, {
    description:
      'Processes the video of a dead letter again, as a new generation; of one that was replayed, answers the ' +
      'video as it is. Errors: NOT_FOUND, CONFLICT (status) for one that is discarded, is about a message, or ' +
      'whose video is not FAILED or STOPPED.',
  })
  replayDeadLetter(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<Video> {
    const { audit, service } = this.deps;
    return audit.record(
      { action: 'replayDeadLetter', target: id },
      context,
      () => service.replay(id),
      ({ _id: videoId, generation }) => ({ videoId, generation }),
    );
  }

  @Mutation(() => ReplayedDeadLetters, {
    description:
      'Replays every open dead letter about a video that the filter lets through, the newest first and at most ' +
      '1,000 a call: call again after endCursor. Errors: BAD_USER_INPUT (state, after).',
  })
  replayDeadLetters(
    @Args(() => ReplayDeadLettersArgs) args: ReplayDeadLettersArgs,
    @Ctx() context: GatewayContext,
  ): Promise<ReplayedDeadLetters> {
    return this.deps.audit.record(
      { action: 'replayDeadLetters', details: { filter: { ...args.filter } } },
      context,
      () => replayAll(this.deps, args),
      ({ notReplayed, replayedIds }) => ({ notReplayed, replayedIds }),
    );
  }

  @Mutation(() => DeadLetter, {
    description:
      'Takes a dead letter off the list and leaves its video as it is. Errors: NOT_FOUND, CONFLICT (status) for ' +
      'one that was replayed.',
  })
  discardDeadLetter(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<DeadLetter> {
    const { audit, service } = this.deps;
    return audit.record({ action: 'discardDeadLetter', target: id }, context, () => service.discard(id));
  }
}
