import { z } from 'zod';
import { count, dateTime, seconds } from './wire-types.js';

const scalingDecision = z
  .object({
    workerId: z.string(),
    host: z.string(),
    at: dateTime,
    from: count.meta({ description: 'Consumers before.' }),
    to: count.meta({ description: 'Consumers after.' }),
    reason: z.string(),
  })
  .meta({ id: 'ScalingDecision' });

const workerJob = z.object({
  jobId: z.string(),
  videoId: z.string(),
  kind: z.string(),
  chunkIndex: count.nullable(),
  part: z.string().nullable(),
  attempt: count,
  percent: z.number().nullable(),
  framesPerSecond: z.number().nullable(),
  startedAt: dateTime.nullable(),
});

const workerStats = z.object({
  id: z.string(),
  host: z.string(),
  pid: count,
  startedAt: dateTime,
  consumers: count,
  busy: count,
  min: count,
  max: count,
  draining: z.boolean(),
  lastDecision: scalingDecision.nullable(),
  jobs: z.array(workerJob),
});

const consumerStats = z.object({
  active: count,
  busy: count,
  min: count,
  max: count,
  lastDecision: scalingDecision.nullable(),
  lastDecisions: z.array(scalingDecision),
});

const waiting = {
  depth: count.meta({ description: 'Jobs that are due, or tried again later.' }),
  dueNow: count,
  workSecondsQueued: seconds.meta({ description: 'Predicted time of all of it on one consumer.' }),
  oldestWaitingSeconds: seconds.nullable(),
};

const queueStats = z.object({
  ...waiting,
  perOrganization: z.array(z.object({ organizationId: z.string(), ...waiting })),
  lag: count.nullable().meta({ description: 'Hints that nobody has read; null while Kafka does not tell.' }),
});

const figures = z
  .object({
    done: count,
    failed: count,
    stopped: count,
    retried: count,
    meanSpeed: z.number().nullable().meta({ description: 'Media seconds a wall second.' }),
    timeToPlayableP50Seconds: seconds.nullable(),
    timeToPlayableP95Seconds: seconds.nullable(),
    timeToPlayableSamples: count,
  })
  .meta({ id: 'ProcessingFigures' });

/** What the GraphQL type of this name has, on the wire of REST. */
export const adminStats = z
  .object({
    at: dateTime,
    paused: z.boolean(),
    workers: z.array(workerStats),
    consumers: consumerStats,
    queue: queueStats,
    processing: z.object({ lastHour: figures, lastDay: figures }),
    deadLetters: count,
  })
  .meta({ id: 'AdminStats' });
