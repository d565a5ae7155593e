import { Length } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';

/** What every way in is told of the video that comes of it. */
@InputType()
export abstract class NewVideoInput {
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
