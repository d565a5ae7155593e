import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

@ObjectType('ScalingDecision', { description: 'What the autoscaler of one worker changed, and why.' })
export class WorkerDecision {
  @Field(() => ID)
  workerId!: string;

  @Field(() => String)
  host!: string;

  @Field(() => GraphQLDateTime)
  at!: Date;

  @Field(() => Int, { description: 'Consumers before.' })
  from!: number;

  @Field(() => Int, { description: 'Consumers after.' })
  to!: number;

  @Field(() => String, { description: 'For an operator to read.' })
  reason!: string;
}

@ObjectType({ description: 'A job that a worker is at.' })
export class WorkerJob {
  @Field(() => ID)
  jobId!: string;

  @Field(() => ID)
  videoId!: string;

  @Field(() => String, { description: 'PLAN, CHUNK or FINISH.' })
  kind!: string;

  @Field(() => Int, { nullable: true, description: 'From 0; null where it is not a chunk.' })
  chunkIndex!: number | null;

  @Field(() => String, { nullable: true, description: 'ALL, LEAD or REST; null where it is not a chunk.' })
  part!: string | null;

  @Field(() => Int, { description: 'How many times the job was claimed, this time included.' })
  attempt!: number;

  @Field(() => Float, {
    nullable: true,
    description: '0–100, of this attempt; null where it is not a chunk.',
  })
  percent!: number | null;

  @Field(() => Float, { nullable: true })
  framesPerSecond!: number | null;

  @Field(() => GraphQLDateTime, { nullable: true })
  startedAt!: Date | null;
}

@ObjectType({
  description: 'A processor that is alive: one that was silent for the time of a lease is gone.',
})
export class WorkerStats {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  host!: string;

  @Field(() => Int)
  pid!: number;

  @Field(() => GraphQLDateTime)
  startedAt!: Date;

  @Field(() => Int, { description: 'Slots, each with a Kafka consumer.' })
  consumers!: number;

  @Field(() => Int, { description: 'Consumers that work right now.' })
  busy!: number;

  @Field(() => Int, { description: 'Consumers it always has.' })
  min!: number;

  @Field(() => Int, { description: 'Consumers it may have.' })
  max!: number;

  @Field(() => Boolean, { description: 'Ends what it has and takes nothing new: see drainWorker.' })
  draining!: boolean;

  @Field(() => WorkerDecision, { nullable: true })
  lastDecision!: WorkerDecision | null;

  @Field(() => [WorkerJob])
  jobs!: WorkerJob[];
}

@ObjectType({ description: 'Consumers of all workers that are alive.' })
export class ConsumerStats {
  @Field(() => Int)
  active!: number;

  @Field(() => Int)
  busy!: number;

  @Field(() => Int)
  min!: number;

  @Field(() => Int)
  max!: number;

  @Field(() => WorkerDecision, { nullable: true, description: 'The newest of all workers.' })
  lastDecision!: WorkerDecision | null;

  @Field(() => [WorkerDecision], { description: 'The last one of each worker, the newest first.' })
  lastDecisions!: WorkerDecision[];
}
