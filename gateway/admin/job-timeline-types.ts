import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Min } from 'class-validator';
import { Priority } from '../../schema/enums.js';
import { JobKind, JobState } from '../../schema/job.js';

registerEnumType(JobKind, { name: 'JobKind', description: 'What a job does for its video.' });
registerEnumType(JobState, {
  name: 'JobState',
  description:
    'WAITING until a time or for other jobs, QUEUED for a worker, CLAIMED by one; the rest is final.',
});

@ArgsType()
export class JobsArgs {
  @Field(() => ID)
  videoId!: string;

  @Field(() => Int, { nullable: true, description: 'From 1; the latest where absent.' })
  @Min(1)
  generation?: number | null;
}

@ObjectType({ description: 'One claim of a job by a worker, and how it ended.' })
export class JobAttempt {
  @Field(() => Int)
  attempt!: number;

  @Field(() => ID)
  workerId!: string;

  @Field(() => GraphQLDateTime)
  startedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Null while it goes on.' })
  endedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'DONE, FAILED, LOST (its worker fell silent), RELEASED (handed back in good order) or STOPPED; null while ' +
      'it goes on.',
  })
  outcome!: string | null;

  @Field(() => String, { nullable: true })
  errorCode!: string | null;

  @Field(() => Int, { nullable: true, description: 'Encoded so far, or by its end.' })
  frames!: number | null;

  @Field(() => Float, { nullable: true, description: 'As last measured.' })
  framesPerSecond!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Media seconds a wall second, over all of a chunk that is done; else null.',
  })
  speed!: number | null;
}

@ObjectType({ description: 'A job of a video: what it is, where it stands, and every attempt at it.' })
export class JobTimeline {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  generation!: number;

  @Field(() => JobKind)
  kind!: JobKind;

  @Field(() => Int, { nullable: true, description: 'From 0; null where it is not a chunk.' })
  chunkIndex!: number | null;

  @Field(() => String, { nullable: true, description: 'ALL, LEAD or REST; null where it is not a chunk.' })
  part!: string | null;

  @Field(() => JobState)
  state!: JobState;

  @Field(() => String, { description: 'URGENT starts playback, LEAD keeps it going, REST is the rest.' })
  jobClass!: string;

  @Field(() => Priority)
  priority!: Priority;

  @Field(() => Float, { description: 'Predicted time on one consumer.' })
  predictedSeconds!: number;

  @Field(() => Float, { nullable: true, description: '0–100; null where it is not a chunk.' })
  percent!: number | null;

  @Field(() => Int, { description: 'How many times it was claimed.' })
  attempts!: number;

  @Field(() => [JobAttempt], { description: 'The last 20, the oldest first.' })
  runs!: JobAttempt[];

  @Field(() => GraphQLDateTime)
  createdAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it is queued again, while it waits for that.',
  })
  availableAt!: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Place in the queue, from 1; 10,001 stands for that or more. Null when not queued.',
  })
  queuePosition!: number | null;

  @Field(() => Int, { nullable: true, description: 'Of the jobs before it, at most 10,000.' })
  aheadOfOwnOrganization!: number | null;

  @Field(() => Int, { nullable: true, description: 'Of the jobs before it, at most 10,000.' })
  aheadOfOthers!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why it is not being worked on; null unless it waits.',
  })
  waitsBecause!: string | null;
}
