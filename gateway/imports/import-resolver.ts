import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql';
import { MAX_URL_LENGTH } from '../../platform/outside-url.js';
import { Video } from '../../schema/video.js';
import type { GatewayContext } from '../context.js';
import type { ProjectStore } from '../projects/project-store.js';
import { requireProject } from '../projects/require-project.js';
import type { ImportService } from './import-service.js';
import { NewVideoInput } from '../uploads/new-video-input.js';

@InputType({ description: 'Where a video is to be imported from, and where it belongs.' })
export class ImportVideoInput extends NewVideoInput {
  @Field(() => String, {
    description:
      'http or https, to a public address, without user name and password; port 80, 443 or from 1024 on. ' +
      `At most ${MAX_URL_LENGTH} characters. Signed URLs have to last until the import ends. Never shown again.`,
  })
  url!: string;
}

@Resolver()
export class ImportResolver {
  constructor(private readonly deps: { projects: ProjectStore; service: ImportService }) {}

  @Mutation(() => Video, {
    description:
      'Fetches a file from a URL: returns at once with the video, whose uploadStatus goes from WAITING over ' +
      'RECEIVING to RECEIVED. Errors: NOT_FOUND, BAD_USER_INPUT (url, title, idempotencyKey), SOURCE_FORBIDDEN (url) ' +
      'for an address that is not public, QUOTA_EXCEEDED (limit: storedBytes, minutesPerMonth or ' +
      'simultaneousUploads; max, used), CONFLICT where the key was used for another way in. Later, as error of the ' +
      'video: SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, UPLOAD_TOO_LARGE, QUOTA_EXCEEDED, UNSUPPORTED_MEDIA, ' +
      'MEDIA_TRUNCATED.',
  })
  async importVideo(
    @Arg('input', () => ImportVideoInput) { projectId, ...input }: ImportVideoInput,
    @Ctx() origin: GatewayContext,
  ): Promise<Video> {
    const project = await requireProject(this.deps.projects, projectId, {
      caller: origin.caller,
      permission: 'video:write',
    });
    return this.deps.service.import({ ...input, project }, origin);
  }
}
