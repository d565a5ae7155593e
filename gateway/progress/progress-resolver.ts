import { Arg, FieldResolver, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import { ProcessingStage } from '../../schema/enums.js';
import { VideoProgress } from '../../schema/video-progress.js';
import type { GatewayContext } from '../context.js';
import type { QueuePositions } from './queue-positions.js';

const quotaErrors = 'QUOTA_EXCEEDED (limit: subscriptions; max, of this gateway process)';

interface Subscribing<Args> {
  args: Args;
  context: GatewayContext;
}

/** Live progress. The accounts come from the hub as they are; only what follows from the queue is looked up. */
@Resolver(() => VideoProgress)
export class ProgressResolver {
  constructor(private readonly deps: { queuePositions: QueuePositions }) {}

  @Subscription(() => VideoProgress, {
    description:
      'Starts with a snapshot of now, goes on without a gap, completes after a terminal status. ' +
      `Errors: NOT_FOUND, ${quotaErrors}.`,
    subscribe: ({ args, context }: Subscribing<{ videoId: string }>) =>
      context.progress.video(args.videoId, context.caller),
  })
  videoProgress(@Root() event: VideoProgress, @Arg('videoId', () => ID) _videoId: string): VideoProgress {
    return event;
  }

  @Subscription(() => VideoProgress, {
    description:
      'Every video of a project; starts with a snapshot of each that is not finished. ' +
      `Errors: NOT_FOUND, ${quotaErrors}.`,
    subscribe: ({ args, context }: Subscribing<{ projectId: string }>) =>
      context.progress.project(args.projectId, context.caller),
  })
  projectProgress(
    @Root() event: VideoProgress,
    @Arg('projectId', () => ID) _projectId: string,
  ): VideoProgress {
    return event;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Place in the queue, from 1, in the order it really uses; null when not queued.',
  })
  async queuePosition(@Root() event: VideoProgress): Promise<number | null> {
    if (event.queuePosition != null) return event.queuePosition;
    if (event.stage !== ProcessingStage.QUEUED) return null;
    return this.deps.queuePositions.of(event.videoId);
  }

  @FieldResolver(() => Int, { nullable: true })
  async etaSeconds(@Root() event: VideoProgress): Promise<number | null> {
    if (event.etaSeconds != null) return event.etaSeconds;
    if (event.stage !== ProcessingStage.TRANSCODING) return null;
    return this.deps.queuePositions.secondsLeft(event.videoId);
  }
}
