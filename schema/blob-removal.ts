import { index, modelOptions, prop } from '@typegoose/typegoose';

/** Containers of blob storage that things are removed from: sources, and what is played. */
export const RemovalContainer = { UPLOADS: 'uploads', HLS: 'hls' } as const;
export type RemovalContainer = (typeof RemovalContainer)[keyof typeof RemovalContainer];

/**
 * Blobs that nobody may see any more, or will after a while: everything below a prefix. Looked at again
 * until nobody who missed the end can still add to them.
 */
@index({ dueAt: 1 })
@modelOptions({ schemaOptions: { collection: 'blobRemovals' } })
export class BlobRemoval {
  /** The prefix (`<videoId>/<generation>/`); of the container for sources, with `uploads:` before it. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: Date, required: true })
  dueAt!: Date;

  /** After this time one more look is the last. */
  @prop({ type: Date, required: true })
  until!: Date;
}

const UPLOADS_MARK = `${RemovalContainer.UPLOADS}:`;

/** Id of the removal of everything below a prefix. */
export const removalId = (container: RemovalContainer, prefix: string): string =>
  container === RemovalContainer.UPLOADS ? UPLOADS_MARK + prefix : prefix;

/** What {@link removalId} made the id of. */
export const removalTarget = (id: string): { container: RemovalContainer; prefix: string } =>
  id.startsWith(UPLOADS_MARK)
    ? { container: RemovalContainer.UPLOADS, prefix: id.slice(UPLOADS_MARK.length) }
    : { container: RemovalContainer.HLS, prefix: id };
