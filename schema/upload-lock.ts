import { index, modelOptions, prop } from '@typegoose/typegoose';

/** Who may change an upload session at the moment. */
@index({ until: 1 }, { expireAfterSeconds: 3 * 86_400 })
@modelOptions({ schemaOptions: { collection: 'uploadLocks' } })
export class UploadLock {
  /** The session's. */
  @prop({ type: String, required: true })
  _id!: string;

  /** One hold of one process; null while nobody has it. */
  @prop({ type: String, default: null })
  holder!: string | null;

  /** Grows each time a hold is taken over from somebody who did not give it back. */
  @prop({ type: Number, required: true, default: 0 })
  epoch!: number;

  /** The hold ends here unless it is renewed, by the database's clock. */
  @prop({ type: Date, required: true })
  until!: Date;

  /** Somebody else waits for it. */
  @prop({ type: Boolean, required: true, default: false })
  wanted!: boolean;
}
