import { index, modelOptions, prop } from '@typegoose/typegoose';

/** A key answers with the same video for this long, seconds. */
const KEPT_SECONDS = 24 * 3_600;

/** What a client has called an upload, so that sending it again does not make a second video. */
@index({ videoId: 1 })
@index({ createdAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
@modelOptions({ schemaOptions: { collection: 'idempotencyKeys' } })
export class IdempotencyKey {
  /** The project and the client's key: `project_…/key`. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  videoId!: string;

  @prop({ type: Date, required: true })
  createdAt!: Date;
}
