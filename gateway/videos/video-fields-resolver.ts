import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Project } from '../../schema/project.js';
import { progressOf, VideoProgress } from '../../schema/video-progress.js';
import { Video } from '../../schema/video.js';
import { requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import { Playback } from './playback.js';
import { PlaybackArgs } from './video-inputs.js';

/** Makes the URLs of a playable video, valid until `expiresAt`. */
export type SignPlayback = (video: Video, expiresAt: Date) => Playback;

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

  @FieldResolver(() => VideoProgress)
  progress(@Root() video: Video): VideoProgress {
    return progressOf(video);
  }

  @FieldResolver(() => Playback, {
    nullable: true,
    description: 'Null until playable. Errors: FORBIDDEN, BAD_USER_INPUT (expiresInSeconds).',
  })
  playback(
    @Root() video: Video,
    @Args(() => PlaybackArgs) { expiresInSeconds }: PlaybackArgs,
    @Ctx() { caller }: GatewayContext,
  ): Playback | null {
    requirePermission(caller, 'playback:sign', video);
    if (!video.playable) return null;
    const lifetimeMs = (expiresInSeconds ?? DEFAULT_EXPIRY_SECONDS) * 1000;
    return this.deps.signPlayback(video, new Date(Date.now() + lifetimeMs));
  }
}
