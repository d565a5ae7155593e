import { index, modelOptions, prop } from '@typegoose/typegoose';

/**
 * TUS: a file that arrives in one piece after the other. PART: one of several that become one file. JOINED:
 * the file they become. BLOB: a file that its sender writes to storage.
 */
export const SessionKind = { TUS: 'TUS', PART: 'PART', JOINED: 'JOINED', BLOB: 'BLOB' } as const;
export type SessionKind = (typeof SessionKind)[keyof typeof SessionKind];

/** OPEN → DONE once all bytes are stored and, unless it is a part, its video is queued; or → ENDED. */
export const SessionState = { OPEN: 'OPEN', DONE: 'DONE', ENDED: 'ENDED' } as const;
export type SessionState = (typeof SessionState)[keyof typeof SessionState];

/** An upload that takes more than one request: what of it is stored, and how long it may go on. */
@index({ videoId: 1 }, { unique: true, sparse: true })
@index({ state: 1, expiresAt: 1 })
@index({ purgeAt: 1 }, { expireAfterSeconds: 0 })
@modelOptions({ schemaOptions: { collection: 'uploadSessions', timestamps: { updatedAt: false } } })
export class UploadSession {
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @prop({ type: String, required: true })
  projectId!: string;

  /** Of every kind but PART. */
  @prop({ type: String })
  videoId?: string;

  @prop({ type: String, required: true, enum: SessionKind })
  kind!: SessionKind;

  @prop({ type: String, required: true, enum: SessionState })
  state!: SessionState;

  @prop({ type: String, required: true })
  blobKey!: string;

  @prop({ type: String, required: true })
  filename!: string;

  /** Absent until its sender says so. */
  @prop({ type: Number })
  sizeBytes?: number;

  /** Bytes that are staged and counted. */
  @prop({ type: Number, required: true, default: 0 })
  offset!: number;

  /** Ids of the staged blocks, in order; only read by those who ask for it. */
  @prop({ type: () => [String], default: [], select: false })
  blocks!: string[];

  @prop({ type: Number, required: true, default: 0 })
  blockCount!: number;

  /** Epoch of the lock under which the last block was counted. */
  @prop({ type: Number, required: true, default: 0 })
  epoch!: number;

  /** State of the running SHA-256 up to `offset`, in Base64; absent where it cannot be gone on with. */
  @prop({ type: String })
  hashState?: string;

  /** Whether the first bytes were looked at. */
  @prop({ type: Boolean, required: true, default: false })
  isSniffed!: boolean;

  /** `Upload-Metadata` as it was sent. */
  @prop({ type: String })
  metadata?: string;

  /** Of a joined file: the ids of its parts, in order. */
  @prop({ type: () => [String], default: undefined })
  parts?: string[];

  createdAt!: Date;

  /** Pushed back while bytes arrive; of a BLOB, when the sender's URL ends. */
  @prop({ type: Date, required: true })
  expiresAt!: Date;

  /** When an ended one is forgotten; set once nothing of it is left in storage. */
  @prop({ type: Date })
  purgeAt?: Date;
}
