import { modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { ProcessingStage, UploadStatus, VideoStatus } from './enums.js';
import { VideoError } from './video-error.js';

/** How far one rendition is. */
@ObjectType({ description: 'How far one rendition is.' })
@modelOptions({ schemaOptions: { _id: false } })
export class RenditionProgress {
  @Field(() => String, { description: 'As in Rendition: "720p", or "Audio 1".' })
  @prop({ type: String, required: true })
  name!: string;

  @Field(() => Float, { description: '0–100' })
  @prop({ type: Number, required: true })
  percent!: number;
}

/** The part of a video's progress that is stored with it and moves while it is processed. */
@modelOptions({ schemaOptions: { _id: false } })
export class StoredProgress {
  @prop({ type: Number, required: true, default: 0 })
  sequence!: number;

  @prop({ type: String, required: true, enum: ProcessingStage })
  stage!: ProcessingStage;

  @prop({ type: Number, required: true, default: 0 })
  percent!: number;

  @prop({ type: Number, required: true, default: 0 })
  playableSeconds!: number;

  @prop({ type: () => [RenditionProgress], default: [] })
  renditions!: RenditionProgress[];

  @prop({ type: Number, required: true, default: 0 })
  workers!: number;

  @prop({ type: Number })
  speed?: number;

  @prop({ type: Number })
  etaSeconds?: number;

  @prop({ type: Number })
  receivedBytes?: number;

  @prop({ type: Number })
  totalBytes?: number;

  @prop({ type: Date, required: true })
  at!: Date;
}

/** A self-contained account of how far a video is: stored, published and answered in this one shape. */
@ObjectType({ description: 'A self-contained account of how far a video is.' })
export class VideoProgress {
  @Field(() => ID)
  videoId!: string;

  @Field(() => Int)
  generation!: number;

  @Field(() => Int, { description: 'Grows strictly, per video.' })
  sequence!: number;

  @Field(() => UploadStatus)
  uploadStatus!: UploadStatus;

  @Field(() => VideoStatus)
  status!: VideoStatus;

  @Field(() => ProcessingStage)
  stage!: ProcessingStage;

  @Field(() => Boolean)
  playable!: boolean;

  @Field(() => Float, { description: '0–100; never falls within a generation.' })
  percent!: number;

  @Field(() => Float, { description: 'Contiguous media published from the start, seconds.' })
  playableSeconds!: number;

  @Field(() => [RenditionProgress])
  renditions!: RenditionProgress[];

  @Field(() => Int, { description: 'Workers busy with this video.' })
  workers!: number;

  @Field(() => Float, { nullable: true, description: 'Media seconds a wall second, over all workers.' })
  speed?: number | null;

  @Field(() => Int, { nullable: true, description: 'Seconds until READY, where it can be told.' })
  etaSeconds?: number | null;

  @Field(() => Int, { nullable: true, description: 'Place in the queue, from 1; null when not queued.' })
  queuePosition?: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Of the source file, while it arrives.' })
  receivedBytes?: number | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'Size of the source file, as far as it is known.',
  })
  totalBytes?: number | null;

  @Field(() => VideoError, { nullable: true })
  error?: VideoError | null;

  @Field(() => GraphQLDateTime)
  at!: Date;
}

/** What a progress account is made from: the fields of a stored video that it needs. */
export interface ProgressSource {
  _id: string;
  generation: number;
  uploadStatus: UploadStatus;
  status: VideoStatus;
  playable: boolean;
  error?: VideoError;
  progress: StoredProgress;
}

/** The account of a stored video; `queuePosition` is known to whoever counted the queue. */
export function progressOf(video: ProgressSource, queuePosition?: number): VideoProgress {
  const { progress } = video;
  return {
    videoId: video._id,
    generation: video.generation,
    sequence: progress.sequence,
    uploadStatus: video.uploadStatus,
    status: video.status,
    stage: progress.stage,
    playable: video.playable,
    percent: progress.percent,
    playableSeconds: progress.playableSeconds,
    renditions: progress.renditions.map(({ name, percent }) => ({ name, percent })),
    workers: progress.workers,
    speed: progress.speed ?? null,
    etaSeconds: progress.etaSeconds ?? null,
    queuePosition: queuePosition ?? null,
    receivedBytes: progress.receivedBytes ?? null,
    totalBytes: progress.totalBytes ?? null,
    error: video.error ? pickError(video.error) : null,
    at: progress.at,
  };
}

const pickError = ({ code, message, retryable }: VideoError): VideoError => ({ code, message, retryable });
