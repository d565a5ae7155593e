import { Args, Ctx, Mutation, Resolver } from 'type-graphql';
import { Video } from '../../schema/video.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import { placeOf } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { ProjectStore } from '../projects/project-store.js';
import { reprocessAll } from './bulk-reprocess.js';
import { ReprocessedVideos, ReprocessVideoArgs, ReprocessVideosArgs } from './reprocess-inputs.js';
import type { ReprocessService } from './reprocess-service.js';
import type { VideoStore } from './video-store.js';

/** Videos made anew from their stored sources. */
@Resolver()
export class ReprocessResolver {
  constructor(
    private readonly deps: {
      videos: Pick<VideoStore, 'page'>;
      projects: Pick<ProjectStore, 'find'>;
      service: ReprocessService;
      acts: PlacedActs;
    },
  ) {}

  @Mutation(() => Video, {
    description:
      'Makes a video anew from its stored source, as a new generation. What was READY plays until the new one ' +
      'is, and on where that fails or is stopped; one that is still made is stopped. Errors: NOT_FOUND, ' +
      'CONFLICT (status) where the source is not stored or somebody else was faster, BAD_USER_INPUT (heights).',
  })
  reprocessVideo(
    @Args(() => ReprocessVideoArgs) { id, input, idempotencyKey }: ReprocessVideoArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Video> {
    return this.deps.service.reprocess({ id, ...input, idempotencyKey }, context);
  }

  @Mutation(() => ReprocessedVideos, {
    description:
      'Makes every video of a project anew that the filter lets through, the newest first and at most 1,000 a ' +
      'call: call again after endCursor. Errors: NOT_FOUND, BAD_USER_INPUT (heights, titleContains, after).',
  })
  async reprocessVideos(
    @Args(() => ReprocessVideosArgs) args: ReprocessVideosArgs,
    @Ctx() context: GatewayContext,
  ): Promise<ReprocessedVideos> {
    const { acts, projects } = this.deps;
    const project = await projects.find(args.projectId, context.caller);
    const { filter, input } = args;
    const act = {
      ...{ action: 'reprocessVideos', target: args.projectId },
      details: { filter: { ...filter }, input: { ...input } },
      ...{ place: project && placeOf(project), permission: 'video:write' as const },
    };
    return acts.record(
      act,
      context,
      () => reprocessAll(this.deps, args, context.caller),
      ({ notReprocessed, reprocessedIds }) => ({ notReprocessed, reprocessedIds }),
    );
  }
}
