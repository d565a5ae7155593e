import { type FileUpload, GraphQLUpload } from 'graphql-upload-minimal';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Captions, captionsOf, noCaptions } from '../../schema/captions.js';
import { Video } from '../../schema/video.js';
import type { GatewayContext } from '../context.js';
import { sourceOf } from '../uploads/file-source.js';
import { AddCaptionsInput, RemoveCaptionsArgs } from './captions-inputs.js';
import type { CaptionsService } from './captions-service.js';

/** Captions of videos. */
@Resolver(() => Video)
export class CaptionsResolver {
  constructor(private readonly deps: { service: CaptionsService }) {}

  @FieldResolver(() => [Captions])
  captions(@Root() video: Video): Captions[] {
    return captionsOf(video.captions ?? noCaptions);
  }

  @Mutation(() => Video, {
    description:
      'Adds a WebVTT or SubRip file, UTF-8 and at most 4 MiB, as captions of a video whose file is received, in ' +
      'place of those in the same language. Errors: NOT_FOUND, CONFLICT (status) while the file is not received, ' +
      'BAD_USER_INPUT (language, label; file, with the line), UPLOAD_TOO_LARGE (limitBytes), UPLOAD_ABORTED, ' +
      'UNAVAILABLE.',
  })
  addCaptions(
    @Arg('input', () => AddCaptionsInput) input: AddCaptionsInput,
    @Arg('file', () => GraphQLUpload) file: FileUpload,
    @Ctx() { caller }: GatewayContext,
  ): Promise<Video> {
    return this.deps.service.add(input, () => sourceOf(file), caller);
  }

  @Mutation(() => Video, {
    description:
      'Removes the captions of a video in one language. Errors: NOT_FOUND, also where there are none; CONFLICT ' +
      '(status), BAD_USER_INPUT (language).',
  })
  removeCaptions(
    @Args(() => RemoveCaptionsArgs) args: RemoveCaptionsArgs,
    @Ctx() { caller }: GatewayContext,
  ): Promise<Video> {
    return this.deps.service.remove(args, caller);
  }
}
