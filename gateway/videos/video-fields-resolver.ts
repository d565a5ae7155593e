import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Audience } from '../../platform/audience.js';
import { AppError } from '../../schema/errors.js';
import { Project } from '../../schema/project.js';
import { progressOf, VideoProgress } from '../../schema/video-progress.js';
import { isSourceStored, Video } from '../../schema/video.js';
import { requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import { audienceOf } from './playback-audience.js';
import { Playback } from './playback.js';
import { PlaybackArgs } from './video-inputs.js';

/** Makes the URLs of a playable video, valid until `expiresAt`. */
export type SignPlayback = (video: Video, grant: { expiresAt: Date; audience?: Audience }) => Playback;

const DEFAULT_EXPIRY_SECONDS = 3600;

/** Fields of a video that are not stored with it. */
@Resolver(() => Video)
export class VideoFieldsResolver {
  constructor(private readonly deps: { signPlayback: SignPlayback }) {}

  @FieldResolver(() => Project)
  async project(@Root() video: Video, @Ctx() { projectById }: GatewayContext): Promise<Project> {
    const project = await projectById.load(video.projectId);
    if (!project) throw new AppError('NOT_FOUND');
    return project;
  }

  @FieldResolver(() => Boolean, { description: 'Whether the file is there to make the video anew.' })
  sourceStored(@Root() video: Video): boolean {
    return isSourceStored(video);
  }

  @FieldResolver(() => VideoProgress)
  progress(@Root() video: Video): VideoProgress {
    return progressOf(video);
  }

  @FieldResolver(() => Playback, {
    nullable: true,
    description: 'Null until playable. Errors: FORBIDDEN, BAD_USER_INPUT (expiresInSeconds, viewer).',
  })
  playback(
    @Root() video: Video,
    @Args(() => PlaybackArgs) { expiresInSeconds, viewer }: PlaybackArgs,
    @Ctx() { caller }: GatewayContext,
  ): Playback | null {
    requirePermission(caller, 'playback:sign', video);
    if (!video.playable) return null;
    const lifetimeMs = (expiresInSeconds ?? DEFAULT_EXPIRY_SECONDS) * 1000;
    const expiresAt = new Date(Date.now() + lifetimeMs);
    return this.deps.signPlayback(video, {
      expiresAt,
      audience: viewer ? audienceOf(viewer, video) : undefined,
    });
  }
}
