import { ArrayMaxSize, ArrayMinSize, IsIn, Length, ValidateNested } from 'class-validator';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Priority } from '../../schema/enums.js';
import { ladder } from '../../schema/ladder.js';
import { VideoFilter } from './video-inputs.js';

const heights = ladder.map(({ height }) => height);

@InputType({ description: 'How to make a video anew; what is left out is as for an upload.' })
export class ReprocessInput {
  @Field(() => [Int], {
    nullable: true,
    description: `Renditions to make, of ${heights.join(', ')}; those that fit the source where absent.`,
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(heights.length)
  @IsIn(heights, { each: true })
  heights?: number[] | null;

  @Field(() => Priority, { nullable: true, description: 'As before where absent.' })
  priority?: Priority | null;
}

@ArgsType()
export class ReprocessVideoArgs {
  @Field(() => ID)
  id!: string;

  @Field(() => ReprocessInput, { nullable: true })
  @ValidateNested()
  input?: ReprocessInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'The same key for the same video: done once, for 24 hours; 1–255 characters.',
  })
  @Length(1, 255)
  idempotencyKey?: string | null;
}

@ArgsType()
export class ReprocessVideosArgs {
  @Field(() => ID)
  projectId!: string;

  @Field(() => VideoFilter, {
    nullable: true,
    description: 'Which videos; of any that is READY, FAILED or STOPPED where it names no status.',
  })
  @ValidateNested()
  filter?: VideoFilter | null;

  @Field(() => ReprocessInput, { nullable: true })
  @ValidateNested()
  input?: ReprocessInput | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the call before.' })
  after?: string | null;
}

@ObjectType({ description: 'A video that is not made anew, and why.' })
export class ReprocessRefusal {
  @Field(() => ID)
  videoId!: string;

  @Field(() => String, { description: 'Code of the error, as reprocessVideo would answer it.' })
  code!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType({ description: 'What became of the videos of a filter.' })
export class ReprocessedVideos {
  @Field(() => Int)
  reprocessed!: number;

  @Field(() => Int)
  notReprocessed!: number;

  @Field(() => [ReprocessRefusal], { description: 'One for each that is not made anew.' })
  refusals!: ReprocessRefusal[];

  @Field(() => String, { nullable: true, description: 'To go on from; null where no more videos are left.' })
  endCursor!: string | null;
}
