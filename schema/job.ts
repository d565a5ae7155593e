import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Priority } from './enums.js';
import { type ErrorCode } from './errors.js';
import type { ChunkPart, ChunkResult } from './transcode-plan.js';

export const JobKind = { PLAN: 'PLAN', CHUNK: 'CHUNK', FINISH: 'FINISH', CAPTIONS: 'CAPTIONS' } as const;
export type JobKind = (typeof JobKind)[keyof typeof JobKind];

/** WAITING → QUEUED → CLAIMED → DONE | FAILED | CANCELLED; CLAIMED → QUEUED when its lease runs out. */
export const JobState = {
  WAITING: 'WAITING',
  QUEUED: 'QUEUED',
  CLAIMED: 'CLAIMED',
  DONE: 'DONE',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const;
export type JobState = (typeof JobState)[keyof typeof JobState];

/** Flows of one organization, the most urgent first: what starts playback, what keeps it going, the rest. */
export const jobClasses = ['URGENT', 'LEAD', 'REST'] as const;
export type JobClass = (typeof jobClasses)[number];

/** What a CHUNK job has to make. */
export interface ChunkTask {
  chunkIndex: number;
  part: ChunkPart;
  trackNames: string[];
  /** Frames to encode over all video tracks (or grid frames for sound alone): the measure of progress. */
  frames: number;
  /** Media that the chunk covers, seconds. */
  seconds: number;
}

export type RunOutcome = 'DONE' | 'LOST' | 'RELEASED' | 'FAILED' | 'STOPPED';

/** One claim of the job and how it ended: the job's timeline. */
export class JobRun {
  @prop({ type: Number, required: true })
  attempt!: number;

  @prop({ type: String, required: true })
  workerId!: string;

  @prop({ type: Date, required: true })
  startedAt!: Date;

  @prop({ type: Date })
  endedAt?: Date;

  @prop({ type: String })
  outcome?: RunOutcome;

  @prop({ type: String })
  errorCode?: ErrorCode;

  /** Frames encoded by its end, and its last speed in frames a second. */
  @prop({ type: Number })
  frames?: number;

  @prop({ type: Number })
  framesPerSecond?: number;
}

/**
 * One piece of work. Claims read the index on (rank, seq) of QUEUED jobs alone; the sweeper the one on
 * the leases of CLAIMED jobs alone: either stays small however many jobs are done.
 */
@index({ rank: 1, seq: 1 }, { partialFilterExpression: { state: JobState.QUEUED } })
@index({ leaseUntil: 1 }, { partialFilterExpression: { state: JobState.CLAIMED } })
@index({ availableAt: 1 }, { partialFilterExpression: { state: JobState.WAITING } })
@index({ retriedAt: 1 }, { sparse: true })
@index({ videoId: 1, generation: 1, kind: 1, 'chunk.chunkIndex': 1, 'chunk.part': 1 }, { unique: true })
@modelOptions({
  schemaOptions: { collection: 'jobs', timestamps: true },
  options: { allowMixed: Severity.ALLOW },
})
export class Job {
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true, enum: JobKind })
  kind!: JobKind;

  @prop({ type: String, required: true })
  organizationId!: string;

  @prop({ type: String, required: true })
  videoId!: string;

  @prop({ type: Number, required: true })
  generation!: number;

  @prop({ type: String, required: true, enum: JobState })
  state!: JobState;

  @prop({ type: String, required: true, enum: jobClasses })
  jobClass!: JobClass;

  @prop({ type: String, required: true, enum: Priority, default: Priority.NORMAL })
  priority!: Priority;

  /** Place in the fair order: the lowest rank is claimed first, `seq` decides among equals. */
  @prop({ type: Number, required: true })
  rank!: number;

  @prop({ type: Number, required: true })
  seq!: number;

  /** Predicted time on one slot, seconds. */
  @prop({ type: Number, required: true })
  cost!: number;

  /** What a chunk's prediction is made from: weighted pixels (`chunk-policy.ts`). */
  @prop({ type: Number })
  work?: number;

  /** When it last had to be put back because a run had ended badly. */
  @prop({ type: Date })
  retriedAt?: Date;

  /** How many times the job was claimed; the fence of every write by its worker. */
  @prop({ type: Number, required: true, default: 0 })
  attempt!: number;

  /** Not before this time; absent while the job waits for others. */
  @prop({ type: Date })
  availableAt?: Date;

  @prop({ type: Date })
  leaseUntil?: Date;

  @prop({ type: String })
  workerId?: string;

  @prop({ type: Object })
  chunk?: ChunkTask;

  /** Frames encoded so far by the running attempt, and its speed in frames a second. */
  @prop({ type: Number, default: 0 })
  framesDone!: number;

  @prop({ type: Number })
  framesPerSecond?: number;

  @prop({ type: Object })
  result?: ChunkResult;

  /** The last runs, oldest first. */
  @prop({ type: () => [JobRun], default: [] })
  runs!: JobRun[];

  createdAt!: Date;
}
