import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Audience } from '../../platform/audience.js';
import type { NamedViewer } from '../../platform/playback-claims.js';
import { viewerKey } from '../../platform/viewer-key.js';
import { AppError } from '../../schema/errors.js';
import { isPublic } from '../../schema/playback-policy.js';
import { Project } from '../../schema/project.js';
import { progressOf, VideoProgress } from '../../schema/video-progress.js';
import { isSourceStored, Video } from '../../schema/video.js';
import { requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import { audienceOf } from './playback-audience.js';
import { Playback } from './playback.js';
import { PlaybackArgs } from './video-inputs.js';

/** Makes the URLs of a playable video, valid until `expiresAt`. */
export type SignPlayback = (
  video: Video,
  project: Project,
  grant: { expiresAt: Date; audience?: Audience; viewer?: NamedViewer },
) => Playback;

const DEFAULT_EXPIRY_SECONDS = 3600;

/** Fields of a video that are not stored with it. */
@Resolver(() => Video)
export class VideoFieldsResolver {
  constructor(
    private readonly deps: { signPlayback: SignPlayback; publicUrl: (videoId: string) => string },
  ) {}

  @FieldResolver(() => Project)
  project(@Root() video: Video, @Ctx() context: GatewayContext): Promise<Project> {
    return projectOf(video, context);
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
  async playback(
    @Root() video: Video,
    @Args(() => PlaybackArgs) { expiresInSeconds, viewer }: PlaybackArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Playback | null> {
    requirePermission(context.caller, 'playback:sign', video);
    if (!video.playable) return null;
    const issuedAt = new Date();
    const lifetimeMs = (expiresInSeconds ?? DEFAULT_EXPIRY_SECONDS) * 1000;
    const audience = viewer ? audienceOf(viewer, video) : undefined;
    const key = audience?.userId === undefined ? undefined : viewerKey(video.projectId, audience.userId);
    return this.deps.signPlayback(video, await projectOf(video, context), {
      expiresAt: new Date(issuedAt.getTime() + lifetimeMs),
      ...(audience && { audience }),
      ...(key && { viewer: { key, issuedAt } }),
    });
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'A URL of the HLS master playlist that everybody may play and that stays the same; null until playable, and ' +
      'where the playback of the project is not PUBLIC.',
  })
  async publicUrl(@Root() video: Video, @Ctx() context: GatewayContext): Promise<string | null> {
    return video.playable && isPublic(await projectOf(video, context))
      ? this.deps.publicUrl(video._id)
      : null;
  }
}

async function projectOf({ projectId }: Video, { projectById }: GatewayContext): Promise<Project> {
  const project = await projectById.load(projectId);
  if (!project) throw new AppError('NOT_FOUND');
  return project;
}
