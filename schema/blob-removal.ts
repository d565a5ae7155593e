import { index, modelOptions, prop } from '@typegoose/typegoose';

/**
 * Published files that nobody may see any more: everything of one generation. Looked at again until no
 * worker that missed the end of the generation can still add to them.
 */
@index({ dueAt: 1 })
@modelOptions({ schemaOptions: { collection: 'blobRemovals' } })
export class BlobRemoval {
  /** Prefix of the blobs: `<videoId>/<generation>/`. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: Date, required: true })
  dueAt!: Date;

  /** After this time one more look is the last. */
  @prop({ type: Date, required: true })
  until!: Date;
}
