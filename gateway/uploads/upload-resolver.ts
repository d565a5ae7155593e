import { type FileUpload, GraphQLUpload } from 'graphql-upload-minimal';
import { Arg, Ctx, InputType, Mutation, Resolver } from 'type-graphql';
import { Video } from '../../schema/video.js';
import type { GatewayContext } from '../context.js';
import type { ProjectStore } from '../projects/project-store.js';
import { requireProject } from '../projects/require-project.js';
import { sourceOf } from './file-source.js';
import { leastFileBytes } from './multipart.js';
import type { UploadService } from './upload-service.js';
import { NewVideoInput } from './new-video-input.js';

@InputType({ description: 'Where an uploaded video belongs.' })
export class UploadVideoInput extends NewVideoInput {}

/** Takes a whole file in one GraphQL multipart request. */
@Resolver()
export class UploadResolver {
  constructor(private readonly deps: { projects: ProjectStore; service: UploadService }) {}

  @Mutation(() => Video, {
    description:
      'Streams a file into storage and returns once it is stored and queued. Errors: NOT_FOUND, ' +
      'UPLOAD_TOO_LARGE (limitBytes), QUOTA_EXCEEDED (limit: storedBytes, minutesPerMonth or ' +
      'simultaneousUploads; max, used), UPLOAD_ABORTED, UNSUPPORTED_MEDIA (found), BAD_USER_INPUT (title, file, ' +
      'idempotencyKey), CONFLICT where the key was used for another way in, UNAVAILABLE.',
  })
  async uploadVideo(
    @Arg('input', () => UploadVideoInput) input: UploadVideoInput,
    @Arg('file', () => GraphQLUpload) file: FileUpload,
    @Ctx() { caller, address, bodyBytes }: GatewayContext,
  ): Promise<Video> {
    const project = await requireProject(this.deps.projects, input.projectId, {
      caller,
      permission: 'video:write',
    });
    return this.deps.service.receive({
      project,
      title: input.title,
      filename: file.filename,
      source: sourceOf(file),
      leastBytes: leastFileBytes(bodyBytes ?? 0),
      sender: { id: caller.id, address },
      idempotencyKey: input.idempotencyKey,
    });
  }
}
