import { modelOptions, prop } from '@typegoose/typegoose';
import { Field, ObjectType } from 'type-graphql';

/** Why a video failed, in words for the person who uploaded it. */
@ObjectType({ description: 'Why a video failed.' })
@modelOptions({ schemaOptions: { _id: false } })
export class VideoError {
  @Field(() => String, {
    description:
      'UNSUPPORTED_MEDIA, MEDIA_TRUNCATED, MEDIA_TOO_LARGE, SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, ' +
      'PROCESSING_TIMEOUT, WORKER_LOST or INTERNAL; of uploads that never arrived also UPLOAD_ENDED, ' +
      'UPLOAD_TOO_LARGE or QUOTA_EXCEEDED.',
  })
  @prop({ type: String, required: true })
  code!: string;

  @Field(() => String, { description: 'Fit for a user.' })
  @prop({ type: String, required: true })
  message!: string;

  @Field(() => Boolean, { description: 'Whether processing the same file again may succeed.' })
  @prop({ type: Boolean, required: true })
  retryable!: boolean;
}
