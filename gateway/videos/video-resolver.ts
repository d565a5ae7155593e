import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Video } from '../../schema/video.js';
import { requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { ProjectStore } from '../projects/project-store.js';
import { requiredText } from './display-text.js';
import { VideoConnection } from './video-connection.js';
import type { StopService } from './stop-service.js';
import { StopVideoArgs, UpdateVideoInput, VideosArgs } from './video-inputs.js';
import type { VideoStore } from './video-store.js';

/** Videos: read, listed, renamed. */
@Resolver()
export class VideoResolver {
  constructor(
    private readonly deps: {
      videos: VideoStore;
      projects: ProjectStore;
      stops: StopService;
    },
  ) {}

  @Query(() => Video, { nullable: true, description: "Null when missing or not the caller's." })
  async video(@Arg('id', () => ID) id: string, @Ctx() { caller }: GatewayContext): Promise<Video | null> {
    return (await this.deps.videos.find(id, caller)) ?? null;
  }

  @Query(() => VideoConnection, {
    description: 'Videos of a project. Errors: NOT_FOUND, BAD_USER_INPUT (first, after, titleContains).',
  })
  async videos(
    @Args(() => VideosArgs) args: VideosArgs,
    @Ctx() { caller }: GatewayContext,
  ): Promise<VideoConnection> {
    if (!(await this.deps.projects.find(args.projectId, caller))) throw new AppError('NOT_FOUND');
    return this.deps.videos.page(args, caller);
  }

  @Mutation(() => Video, {
    description: 'Changes what people see of a video. Errors: NOT_FOUND, BAD_USER_INPUT (title).',
  })
  async updateVideo(
    @Arg('id', () => ID) id: string,
    @Arg('input', () => UpdateVideoInput) input: UpdateVideoInput,
    @Ctx() { caller }: GatewayContext,
  ): Promise<Video> {
    const { videos } = this.deps;
    const video = await videos.find(id, caller);
    if (!video) throw new AppError('NOT_FOUND');
    requirePermission(caller, 'video:write', video);
    if (input.title == null) return video;
    const renamed = await videos.rename(id, requiredText('title', input.title), caller);
    if (!renamed) throw new AppError('NOT_FOUND');
    return renamed;
  }

  @Mutation(() => Video, {
    description:
      'Ends all work on a video, from any stage, within seconds; what was published of it goes. Errors: ' +
      'NOT_FOUND, CONFLICT (status) where it has ended already, BAD_USER_INPUT (reason).',
  })
  stopVideo(@Args(() => StopVideoArgs) args: StopVideoArgs, @Ctx() context: GatewayContext): Promise<Video> {
    return this.deps.stops.stop(args, context);
  }
}
