import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';
import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

/** Sessions are kept for this long, seconds. */
const KEPT_SECONDS = 90 * 86_400;

/** What a session had of one rendition. */
@ObjectType({ description: 'What a session had of one rendition.' })
@modelOptions({ schemaOptions: { _id: false } })
export class PlayedRendition {
  @Field(() => String, { description: '"720p", or "Audio 1".' })
  @prop({ type: String, required: true })
  name!: string;

  @Field(() => GraphQLSafeInt)
  @prop({ type: Number, required: true })
  bytes!: number;

  @Field(() => Float, {
    description:
      'Of the film: of segments that the session had not got before, in another rendition of this kind.',
  })
  @prop({ type: Number, required: true })
  seconds!: number;
}

/**
 * What one streamer has counted of a session since it began there, in absolute numbers: written again, it counts
 * once. `starvations` add up over parts; what a player reports is about the whole session.
 */
export interface SessionPart {
  bytes: number;
  seconds: number;
  renditions: PlayedRendition[];
  urgentRequests: number;
  starvations: number;
  starvedMs?: number;
  startupMs?: number;
  rebuffers?: number;
  rebufferMs?: number;
  playedMs?: number;
  switches?: number;
  errorCode?: string;
}

/** One playback of a video: who watched what, from where, how much of it, how well. Written by streamers. */
@ObjectType({
  description: 'One playback of a video, from its first request to its last one. Kept for 90 days.',
})
@index({ key: 1, ordinal: -1 })
@index({ videoId: 1, firstSeenAt: -1, _id: -1 })
@index({ videoId: 1, day: 1, viewed: 1 })
@index({ day: 1, projectId: 1 })
@index({ viewer: 1, lastSeenAt: -1 })
@index({ firstSeenAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
@modelOptions({
  schemaOptions: { collection: 'playbackSessions' },
  options: { allowMixed: Severity.ALLOW },
})
export class PlaybackSession {
  /** The key and the ordinal: all streamers make the same. */
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @prop({ type: String, required: true })
  projectId!: string;

  @prop({ type: String, required: true })
  videoId!: string;

  @Field(() => Int, { description: 'Of the video.' })
  @prop({ type: Number, required: true })
  generation!: number;

  /** Keyed hash of what tells it from others; the sessions of a key follow one another, counted from 1. */
  @prop({ type: String, required: true })
  key!: string;

  @prop({ type: Number, required: true })
  ordinal!: number;

  /** Keyed hash of who watched. */
  @prop({ type: String, required: true })
  viewer!: string;

  /** Keyed hash of the device: of address and user agent. */
  @prop({ type: String, required: true })
  client!: string;

  @Field(() => ID, { nullable: true, description: 'Of the playback URL; null where that is of no session.' })
  @prop({ type: String })
  sessionId?: string;

  @Field(() => String, { nullable: true, description: 'As `playback(viewer: …)` was told.' })
  @prop({ type: String })
  userId?: string;

  @Field(() => String, {
    nullable: true,
    description: 'The network it came from first: the /24 of an IPv4 address, the /48 of an IPv6 one.',
  })
  @prop({ type: String })
  address?: string;

  @Field(() => String, { description: 'Name of the browser or player; "Other" where it is not known.' })
  @prop({ type: String, required: true })
  userAgent!: string;

  @Field(() => String, { nullable: true, description: 'Host of the page that it came from first.' })
  @prop({ type: String })
  referrerHost?: string;

  @Field(() => GraphQLDateTime)
  @prop({ type: Date, required: true })
  firstSeenAt!: Date;

  @Field(() => GraphQLDateTime)
  @prop({ type: Date, required: true })
  lastSeenAt!: Date;

  /** UTC day in which it began: `2026-03-01`. All of it counts there. */
  @prop({ type: String, required: true })
  day!: string;

  @Field(() => Boolean, {
    description:
      'Whether it is a view: it got at least one whole media segment, or its player says that it plays.',
  })
  @prop({ type: Boolean, required: true })
  viewed!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: 'Kilobits a second of what the player asked for last, as it says.',
  })
  @prop({ type: Number })
  requestedKbps?: number;

  @Field(() => String, { nullable: true, description: 'As the player says: `v`, on demand, or `l`, live.' })
  @prop({ type: String })
  streamType?: string;

  /** By the streamers' names for them. */
  @prop({ type: Object, required: true })
  parts!: Record<string, SessionPart>;

  // What follows is in the parts of the session, and summed up when it is read (`session-totals.ts`).

  @Field(() => GraphQLSafeInt, { description: 'Bytes of answers.' })
  bytes!: number;

  @Field(() => Float, { description: 'Seconds of the film that were sent, each counted once.' })
  seconds!: number;

  @Field(() => [PlayedRendition])
  renditions!: PlayedRendition[];

  @Field(() => Int, {
    nullable: true,
    description: 'Milliseconds from the wish to play to the first picture, as the player says.',
  })
  startupMs?: number;

  @Field(() => Int, { description: 'How often the player had nothing left to play, as it says.' })
  rebuffers!: number;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Milliseconds of that, as the player says.' })
  rebufferMs?: number;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'Milliseconds of playing, as the player says.',
  })
  playedMs?: number;

  @Field(() => Int, { nullable: true, description: 'Changes of the rendition, as the player says.' })
  switches?: number;

  @Field(() => String, { nullable: true, description: 'Of the last error, as the player calls it.' })
  errorCode?: string;

  @Field(() => Int, {
    description: 'Segments that were wanted at once: at a start, after a seek, with nothing left to play.',
  })
  urgentRequests!: number;
}
