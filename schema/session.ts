import { index, modelOptions, prop } from '@typegoose/typegoose';

/**
 * One sign-in of a user on one device: the family of its refresh tokens, of which the newest is good, and
 * each is good once.
 */
@index({ userId: 1 })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
@modelOptions({ schemaOptions: { collection: 'sessions', timestamps: true } })
export class Session {
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  userId!: string;

  /** How often the refresh token was exchanged: part of each token, so that an old one is known as such. */
  @prop({ type: Number, required: true })
  rotation!: number;

  /** SHA-256 of the good token's secret, hex. */
  @prop({ type: String, required: true })
  secretHash!: string;

  /** Hashes of the last tokens before it, the newest last: who shows one of those has got it from somebody else. */
  @prop({ type: () => [String], default: [] })
  usedHashes!: string[];

  /** Not exchanged until then, it is over. */
  @prop({ type: Date, required: true })
  expiresAt!: Date;

  @prop({ type: Date })
  revokedAt?: Date;

  createdAt!: Date;
}
