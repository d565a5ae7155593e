import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLLocalDate, GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, Int, ObjectType } from 'type-graphql';

/** Sums that means and shares are made of: of sessions whose players tell. */
export interface QualitySums {
  /** Sessions that tell how long they took to start, and all their milliseconds. */
  startups: number;
  startupMs: number;
  /** Of sessions that tell of rebuffering: milliseconds of that, and of that and of playing. */
  rebufferMs: number;
  reportedMs: number;
}

@ObjectType({ description: 'How much one rendition of the videos of a project was played.' })
@modelOptions({ schemaOptions: { _id: false } })
export class RenditionDay {
  @Field(() => String, { description: '"720p", or "Audio 1".' })
  @prop({ type: String, required: true })
  name!: string;

  @Field(() => Int, { description: 'Views that got something of it.' })
  @prop({ type: Number, required: true })
  views!: number;

  @Field(() => Int, { description: 'Viewers of these.' })
  @prop({ type: Number, required: true })
  viewers!: number;

  @Field(() => GraphQLSafeInt)
  @prop({ type: Number, required: true })
  bytes!: number;

  @Field(() => Float)
  @prop({ type: Number, required: true })
  watchedSeconds!: number;
}

/** What was played of a project's videos on one UTC day, by the sessions that began on it. Outlives these. */
@ObjectType({ description: 'Playback of the videos of a project: sessions that began on one UTC day.' })
@index({ projectId: 1, day: 1 })
@modelOptions({ schemaOptions: { collection: 'playbackDays' } })
export class PlaybackDay implements QualitySums {
  /** The day and the project. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  projectId!: string;

  @Field(() => GraphQLLocalDate)
  @prop({ type: String, required: true })
  day!: string;

  @Field(() => Int, { description: 'Sessions that got at least one whole media segment.' })
  @prop({ type: Number, required: true })
  views!: number;

  @Field(() => Int, { description: 'Different users, or addresses and programs where no user is named.' })
  @prop({ type: Number, required: true })
  viewers!: number;

  @Field(() => GraphQLSafeInt, { description: 'Bytes of answers.' })
  @prop({ type: Number, required: true })
  bytes!: number;

  @Field(() => Float, { description: 'Seconds of film that were sent, each once a session.' })
  @prop({ type: Number, required: true })
  watchedSeconds!: number;

  @Field(() => [RenditionDay])
  @prop({ type: () => [RenditionDay], default: [] })
  renditions!: RenditionDay[];

  @prop({ type: Number, required: true })
  startups!: number;

  @prop({ type: Number, required: true })
  startupMs!: number;

  @prop({ type: Number, required: true })
  rebufferMs!: number;

  @prop({ type: Number, required: true })
  reportedMs!: number;
}

/** Views of one video on one day. */
@index({ videoId: 1, day: 1, views: 1 })
@modelOptions({ schemaOptions: { collection: 'videoDays' } })
export class VideoDay {
  /** The video and the day. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  videoId!: string;

  @prop({ type: String, required: true })
  day!: string;

  @prop({ type: Number, required: true })
  views!: number;
}

/** Longer than its sessions are kept, seconds. */
const KEPT_SECONDS = 120 * 86_400;

/** A day whose sessions are summed up. */
@index({ closedAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
@modelOptions({ schemaOptions: { collection: 'closedDays' } })
export class ClosedDay {
  /** The day. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: Date, required: true })
  closedAt!: Date;
}
