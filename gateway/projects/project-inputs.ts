import { ArrayMaxSize, ArrayNotEmpty, Length, Max, Min } from 'class-validator';
import { ArgsType, Field, ID, Int } from 'type-graphql';
import { PlaybackPolicy } from '../../schema/playback-policy.js';

@ArgsType()
export class CreateProjectArgs {
  @Field(() => ID)
  organizationId!: string;

  @Field(() => String, { description: '1–255 characters.' })
  @Length(1, 255)
  name!: string;
}

const MAX_DAYS = 36_500;

@ArgsType()
export class UpdateProjectArgs {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: '1–255 characters; as before where absent.' })
  @Length(1, 255)
  name?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'False: the source of each video goes once it is READY, also of those that are; as before where absent.',
  })
  keepSource?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: `1–${MAX_DAYS}, also for the videos that are there; null: never; as before where absent.`,
  })
  @Min(1)
  @Max(MAX_DAYS)
  deleteAfterDays?: number | null;

  @Field(() => PlaybackPolicy, {
    nullable: true,
    description: 'Holds within 5 seconds, for what is being played too; as before where absent.',
  })
  playbackPolicy?: PlaybackPolicy | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Origins such as https://www.example.com, 1–20, for what is signed from then on; null: all; as before where ' +
      'absent.',
  })
  @ArrayNotEmpty()
  @ArrayMaxSize(20)
  playbackOrigins?: string[] | null;
}
