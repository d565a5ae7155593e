import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { ConsumerStats, WorkerStats } from './worker-types.js';

@ObjectType({ description: 'What one organization has waiting.' })
export class OrganizationQueue {
  @Field(() => ID)
  organizationId!: string;

  @Field(() => Int)
  depth!: number;

  @Field(() => Int)
  dueNow!: number;

  @Field(() => Float)
  workSecondsQueued!: number;

  @Field(() => Float, { nullable: true })
  oldestWaitingSeconds!: number | null;
}

@ObjectType({ description: 'What waits for a worker. Jobs that wait for other jobs do not count.' })
export class QueueStats {
  @Field(() => Int, { description: 'Jobs that are due, and jobs that are tried again later.' })
  depth!: number;

  @Field(() => Int, { description: 'Jobs that any free consumer may take.' })
  dueNow!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Seconds since the oldest due PLAN or CHUNK job was stored; null where none is due.',
  })
  oldestWaitingSeconds!: number | null;

  @Field(() => Float, { description: 'Predicted time of all of depth on one consumer, seconds.' })
  workSecondsQueued!: number;

  @Field(() => [OrganizationQueue], { description: 'The most predicted work first, at most 100.' })
  perOrganization!: OrganizationQueue[];

  @Field(() => Int, {
    nullable: true,
    description:
      'Hints on the topic of jobs that no consumer has read; null while Kafka does not tell. A diagnostic: ' +
      'waiting work is depth.',
  })
  lag!: number | null;
}

@ObjectType({ description: 'What was processed within one span of time that ends now.' })
export class ProcessingFigures {
  @Field(() => Int, { description: 'Videos that became READY.' })
  done!: number;

  @Field(() => Int, { description: 'Videos that failed, and have not been begun anew.' })
  failed!: number;

  @Field(() => Int, { description: 'Videos that were stopped, and have not been begun anew.' })
  stopped!: number;

  @Field(() => Int, { description: 'Jobs that had to be tried again.' })
  retried!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Media seconds a wall second of the videos that became READY: the sum of their lengths by the sum of ' +
      'their times from queued to READY, every wait included.',
  })
  meanSpeed!: number | null;

  @Field(() => Float, { nullable: true, description: 'From queued to playable: the median, seconds.' })
  timeToPlayableP50Seconds!: number | null;

  @Field(() => Float, { nullable: true, description: 'From queued to playable: 19 of 20 took no longer.' })
  timeToPlayableP95Seconds!: number | null;

  @Field(() => Int, { description: 'Videos behind the times to playable: the newest, at most 10,000.' })
  timeToPlayableSamples!: number;
}

@ObjectType({ description: 'How processing goes.' })
export class ProcessingStats {
  @Field(() => ProcessingFigures, { description: 'The last 60 minutes.' })
  lastHour!: ProcessingFigures;

  @Field(() => ProcessingFigures, { description: 'The last 24 hours.' })
  lastDay!: ProcessingFigures;
}

@ObjectType({ description: 'The installation as it is now, across all processes. Counts are up to 2 s old.' })
export class AdminStats {
  @Field(() => GraphQLDateTime)
  at!: Date;

  @Field(() => Boolean, { description: 'No work is given out: see pauseProcessing.' })
  paused!: boolean;

  @Field(() => [WorkerStats], { description: 'The longest running first.' })
  workers!: WorkerStats[];

  @Field(() => ConsumerStats)
  consumers!: ConsumerStats;

  @Field(() => QueueStats)
  queue!: QueueStats;

  @Field(() => ProcessingStats)
  processing!: ProcessingStats;

  @Field(() => Int, { description: 'Dead letters that wait for a decision.' })
  deadLetters!: number;
}
