import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';
import type { Revocation } from './revocation.js';

/** A revocation, until nothing it is about could be played anyway. */
@index({ publishAt: 1 })
@modelOptions({
  schemaOptions: { collection: 'playbackRevocations', timestamps: true },
  options: { allowMixed: Severity.ALLOW },
})
export class PlaybackRevocation {
  /** Its subject. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: Object, required: true })
  what!: Revocation;

  @prop({ type: Date, required: true })
  expiresAt!: Date;

  /** When streamers are to be told, of it or of its end. */
  @prop({ type: Date, required: true })
  publishAt!: Date;
}
