import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';
import type { Video } from './video.js';

/** Kept after it is purged for this long, seconds: a calendar month is measured with what came in during it. */
const KEPT_SECONDS = 32 * 86_400;

/** How a deleted video still counts in its organization's usage. */
@modelOptions({ schemaOptions: { _id: false } })
export class DeletedUsage {
  /** Of the source: stored until the video is purged. */
  @prop({ type: Number })
  sizeBytes?: number;

  @prop({ type: Number })
  durationSeconds?: number;

  @prop({ type: Date })
  receivedAt?: Date;
}

/**
 * A video that was deleted. Its document is in here and not among the videos, so for everybody else it does
 * not exist; once it is purged, only what it has used is left of it.
 */
@index({ purgeAt: 1 }, { partialFilterExpression: { video: { $exists: true } } })
@index({ withdrawAt: 1 }, { sparse: true })
@index({ organizationId: 1, 'usage.receivedAt': 1 })
@index({ purgedAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
@modelOptions({
  schemaOptions: { collection: 'deletedVideos' },
  options: { allowMixed: Severity.ALLOW },
})
export class DeletedVideo {
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @prop({ type: String, required: true })
  projectId!: string;

  @prop({ type: Date, required: true })
  deletedAt!: Date;

  /** Can be restored until then. */
  @prop({ type: Date, required: true })
  purgeAt!: Date;

  @prop({ type: Date })
  purgedAt?: Date;

  /** When the sessions of its playback were rid of who watched. */
  @prop({ type: Date })
  viewersRemovedAt?: Date;

  /** The whole document as it was; gone once it is purged. */
  @prop({ type: Object })
  video?: Video;

  @prop({ type: () => DeletedUsage, required: true })
  usage!: DeletedUsage;

  /** When its mark of withdrawal is to be written next; absent once that is sure to be there. */
  @prop({ type: Date })
  withdrawAt?: Date;
}
