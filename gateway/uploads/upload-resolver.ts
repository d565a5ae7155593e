import { Length } from 'class-validator';
import { type FileUpload, GraphQLUpload } from 'graphql-upload-minimal';
import { Arg, Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Video } from '../../schema/video.js';
import { placeOf, requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { ProjectStore } from '../projects/project-store.js';
import { sourceOf } from './file-source.js';
import { leastFileBytes } from './multipart.js';
import type { UploadService } from './upload-service.js';

@InputType({ description: 'Where an uploaded video belongs.' })
export class UploadVideoInput {
  @Field(() => ID)
  projectId!: string;

  @Field(() => String, {
    nullable: true,
    description: '1–255 characters; the name of the file without its extension where absent.',
  })
  @Length(1, 255)
  title?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The same key in the same project answers with the same video, for 24 hours; 1–255 characters.',
  })
  @Length(1, 255)
  idempotencyKey?: string | null;
}

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
    const project = await this.deps.projects.find(input.projectId, caller);
    if (!project) throw new AppError('NOT_FOUND');
    requirePermission(caller, 'video:write', placeOf(project));
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
