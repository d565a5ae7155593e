import { Length } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';

@InputType({
  description:
    'What may not be played any more, one of: videoId; videoId and sessionId; projectId and userId; keyId.',
})
export class RevokePlaybackInput {
  @Field(() => ID, { nullable: true, description: 'What anybody was given of this video until now.' })
  videoId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Of the video alone what this session plays: only sessions of named viewers can be revoked.',
  })
  @Length(1, 100)
  sessionId?: string | null;

  @Field(() => ID, { nullable: true })
  projectId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Of the project what this viewer was given until now: the userId of `playback(viewer:)`.',
  })
  @Length(1, 128)
  userId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'What was sealed with this key of STREAM_KEYS, another than the one that seals now. Super admin.',
  })
  @Length(1, 16)
  keyId?: string | null;
}
