import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type ErrorCode } from './errors.js';

export const DeadLetterState = { OPEN: 'OPEN', REPLAYED: 'REPLAYED', DISCARDED: 'DISCARDED' } as const;
export type DeadLetterState = (typeof DeadLetterState)[keyof typeof DeadLetterState];

registerEnumType(DeadLetterState, {
  name: 'DeadLetterState',
  description: 'What an administrator has decided about a dead letter.',
});

/** Where a dead letter came from: a job and its last worker, or a message and its place in a topic. */
@ObjectType({ description: 'Where a dead letter came from: a job, or a message.' })
@modelOptions({ schemaOptions: { _id: false } })
export class DeadLetterOrigin {
  @Field(() => ID, { nullable: true })
  @prop({ type: String })
  jobId?: string;

  @Field(() => String, { nullable: true, description: 'PLAN, CHUNK or FINISH.' })
  @prop({ type: String })
  jobKind?: string;

  @Field(() => ID, { nullable: true, description: 'Who ran it last.' })
  @prop({ type: String })
  workerId?: string;

  @Field(() => String, { nullable: true })
  @prop({ type: String })
  topic?: string;

  @Field(() => Int, { nullable: true })
  @prop({ type: Number })
  partition?: number;

  @Field(() => String, { nullable: true })
  @prop({ type: String })
  offset?: string;
}

/** A video that failed for good, or a message that nobody understands: kept until somebody decides. */
@ObjectType({ description: 'A video that failed for good, or a message that could not be understood.' })
@index({ state: 1, _id: -1 })
@index({ state: 1, code: 1, _id: -1 })
@index({ videoId: 1, _id: -1 })
@index({ source: 1 }, { unique: true })
@index({ createdAt: 1 }, { partialFilterExpression: { isPublished: false } })
@modelOptions({ schemaOptions: { collection: 'deadLetters', timestamps: { updatedAt: false } } })
export class DeadLetter {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  /** What it is about, once: `<videoId>/<generation>`, or a message's topic, partition, offset and time. */
  @prop({ type: String, required: true })
  source!: string;

  @Field(() => DeadLetterState)
  @prop({ type: String, required: true, enum: DeadLetterState })
  state!: DeadLetterState;

  @Field(() => ID, { nullable: true, description: 'Null for a message.' })
  @prop({ type: String })
  videoId?: string;

  @Field(() => Int, { nullable: true })
  @prop({ type: Number })
  generation?: number;

  @Field(() => String, { description: "The video's error code, or BAD_MESSAGE." })
  @prop({ type: String, required: true })
  code!: ErrorCode;

  @Field(() => String)
  @prop({ type: String, required: true })
  message!: string;

  @Field(() => String, { nullable: true, description: 'For administrators: what went wrong technically.' })
  @prop({ type: String })
  detail?: string;

  @Field(() => Int, { description: 'Runs of the job, all ends counted.' })
  @prop({ type: Number, required: true })
  attempts!: number;

  @Field(() => DeadLetterOrigin)
  @prop({ type: () => DeadLetterOrigin, required: true })
  origin!: DeadLetterOrigin;

  @Field(() => String, { nullable: true, description: 'The message as it came, cut after 4 KiB.' })
  @prop({ type: String })
  payload?: string;

  /** Whether the topic of dead letters has it. */
  @prop({ type: Boolean, required: true })
  isPublished!: boolean;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  @prop({ type: Date })
  decidedAt?: Date;

  @Field(() => Int, { nullable: true, description: 'The generation that a replay has started.' })
  @prop({ type: Number })
  replayedAs?: number;
}
