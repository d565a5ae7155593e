import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';
import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { CaptionSet } from './captions.js';
import { Priority, UploadStatus, VideoStatus } from './enums.js';
import type { TranscodePlan } from './transcode-plan.js';
import { VideoError } from './video-error.js';
import { StoredProgress } from './video-progress.js';

/** Facts about the uploaded file. */
@ObjectType({ description: 'Facts about the uploaded file; media facts are known once it is planned.' })
@modelOptions({ schemaOptions: { _id: false } })
export class VideoSource {
  @Field(() => String)
  @prop({ type: String, required: true })
  filename!: string;

  @Field(() => GraphQLSafeInt)
  @prop({ type: Number, required: true })
  sizeBytes!: number;

  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 in hexadecimal; null where the file did not pass through here in one piece.',
  })
  @prop({ type: String })
  sha256?: string;

  @Field(() => String, { nullable: true })
  @prop({ type: String })
  container?: string;

  @Field(() => String, { nullable: true })
  @prop({ type: String })
  videoCodec?: string;

  @Field(() => String, { nullable: true })
  @prop({ type: String })
  audioCodec?: string;

  @Field(() => Int, { nullable: true, description: 'Pixels, as shown: rotation and pixel shape applied.' })
  @prop({ type: Number })
  width?: number;

  @Field(() => Int, { nullable: true, description: 'Pixels, as shown: rotation and pixel shape applied.' })
  @prop({ type: Number })
  height?: number;

  @Field(() => Float, { nullable: true, description: 'Frames a second.' })
  @prop({ type: Number })
  frameRate?: number;

  @Field(() => Float, { nullable: true })
  @prop({ type: Number })
  durationSeconds?: number;

  @Field(() => GraphQLSafeInt, { nullable: true })
  @prop({ type: Number })
  bitrateBps?: number;
}

/** One published quality of a video. */
@ObjectType({ description: 'One published quality of a video.' })
@modelOptions({ schemaOptions: { _id: false } })
export class Rendition {
  @Field(() => String, { description: '"720p", or "Audio 1".' })
  @prop({ type: String, required: true })
  name!: string;

  @Field(() => Int, { nullable: true, description: 'Pixels; null for sound.' })
  @prop({ type: Number })
  width?: number;

  @Field(() => Int, { nullable: true, description: 'Pixels; null for sound.' })
  @prop({ type: Number })
  height?: number;

  @Field(() => Float, { nullable: true, description: 'Frames a second; null for sound.' })
  @prop({ type: Number })
  frameRate?: number;

  @Field(() => String, { description: 'RFC 6381.' })
  @prop({ type: String, required: true })
  codecs!: string;

  @Field(() => Int, { description: 'Peak over one segment, bits a second.' })
  @prop({ type: Number, required: true })
  bandwidthBps!: number;

  @Field(() => Int, { description: 'Bits a second.' })
  @prop({ type: Number, required: true })
  averageBandwidthBps!: number;
}

/** The last generation that became READY, while another one is made or after that one has failed. */
@modelOptions({ schemaOptions: { _id: false } })
export class ServedGeneration {
  @prop({ type: Number, required: true })
  generation!: number;

  @prop({ type: () => [Rendition], default: [] })
  renditions!: Rendition[];

  @prop({ type: Date })
  readyAt?: Date;

  @prop({ type: Number, default: 0 })
  playableSeconds!: number;
}

/** A video: its upload, its processing and what can be played of it. */
@ObjectType({ description: 'A video: its upload, its processing and what can be played of it.' })
@index({ projectId: 1, createdAt: -1, _id: -1 })
@index({ projectId: 1, title: 1, _id: 1 })
@index({ projectId: 1, 'progress.at': -1 })
@index({ projectId: 1, sourceRemovedAt: 1, status: 1 })
@index({ uploadLeaseUntil: 1 }, { sparse: true })
@index({ uploadExpiresAt: 1 }, { sparse: true })
@index({
  ...{ organizationId: 1, uploadStatus: 1, receivedAt: 1 },
  ...{ 'source.sizeBytes': 1, 'source.durationSeconds': 1, sourceRemovedAt: 1 },
})
@index(
  { endedAt: -1, status: 1, queuedAt: 1, 'source.durationSeconds': 1 },
  { partialFilterExpression: { endedAt: { $exists: true } } },
)
@index({ playableAt: -1, queuedAt: 1 }, { partialFilterExpression: { playableAt: { $exists: true } } })
@modelOptions({
  schemaOptions: { collection: 'videos', timestamps: true },
  options: { allowMixed: Severity.ALLOW },
})
export class Video {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @prop({ type: String, required: true })
  projectId!: string;

  @Field(() => String)
  @prop({ type: String, required: true })
  title!: string;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;

  @Field(() => GraphQLDateTime)
  updatedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  @prop({ type: Date })
  readyAt?: Date;

  @Field(() => Int, { description: 'Counts the times the video was processed anew, from 1.' })
  @prop({ type: Number, required: true })
  generation!: number;

  @Field(() => UploadStatus)
  @prop({ type: String, required: true, enum: UploadStatus })
  uploadStatus!: UploadStatus;

  @Field(() => VideoStatus)
  @prop({ type: String, required: true, enum: VideoStatus })
  status!: VideoStatus;

  @Field(() => Boolean, {
    description:
      'True as soon as playback can start, long before READY; while a video is made anew, what was READY plays on.',
  })
  @prop({ type: Boolean, required: true })
  playable!: boolean;

  @Field(() => VideoSource, { nullable: true })
  @prop({ type: () => VideoSource })
  source?: VideoSource;

  @Field(() => [Rendition], { description: 'Of what plays: while a video is made anew, of the one before.' })
  @prop({ type: () => [Rendition], default: [] })
  renditions!: Rendition[];

  /** Absent until some are added. */
  @prop({ type: () => CaptionSet })
  captions?: CaptionSet;

  @Field(() => VideoError, { nullable: true })
  @prop({ type: () => VideoError })
  error?: VideoError;

  @Field(() => String, { nullable: true, description: 'What whoever stopped it gave as the reason.' })
  @prop({ type: String })
  stopReason?: string;

  @Field(() => Priority, { description: 'Among the videos of its organization.' })
  @prop({ type: String, required: true, enum: Priority, default: Priority.NORMAL })
  priority!: Priority;

  @prop({ type: () => StoredProgress, required: true })
  progress!: StoredProgress;

  /** What plays instead of this generation; absent where that is this one, or nothing. */
  @prop({ type: () => ServedGeneration })
  served?: ServedGeneration;

  /** How often its playback was revoked; absent: never. */
  @prop({ type: Number })
  playbackEpoch?: number;

  /** Rungs that this generation is to have, by their heights; absent: all that fit. */
  @prop({ type: () => [Number], default: undefined })
  heights?: number[];

  /** When the source was removed though the video stays; absent while it is there. */
  @prop({ type: Date })
  sourceRemovedAt?: Date;

  /** When the whole source had arrived. */
  @prop({ type: Date })
  receivedAt?: Date;

  /** When this generation was queued, became playable, and reached a final status. */
  @prop({ type: Date })
  queuedAt?: Date;

  @prop({ type: Date })
  playableAt?: Date;

  @prop({ type: Date })
  endedAt?: Date;

  /** While the source is arriving: past this time its receiver is dead and the upload abandoned. */
  @prop({ type: Date })
  uploadLeaseUntil?: Date;

  /** Past this time a source that is awaited, in pieces or in blob storage, is not awaited any more. */
  @prop({ type: Date })
  uploadExpiresAt?: Date;

  /** Where the source is to be read from; may hold secrets, so only read by who imports it, and gone once it has. */
  @prop({ type: String, select: false })
  importUrl?: string;

  /** Chunk jobs of this generation that are done, and all of them; the last one done queues FINISH. */
  @prop({ type: Number, default: 0 })
  chunkJobsDone!: number;

  @prop({ type: Number, default: 0 })
  chunkJobsTotal!: number;

  /** Large, so only read by those who ask for it. */
  @prop({ type: Object, select: false })
  plan?: TranscodePlan;
}

/** Whether the file that the video was made from is there to make it anew. */
export const isSourceStored = ({
  uploadStatus,
  sourceRemovedAt,
}: Pick<Video, 'uploadStatus' | 'sourceRemovedAt'>): boolean =>
  uploadStatus === UploadStatus.RECEIVED && sourceRemovedAt == null;
