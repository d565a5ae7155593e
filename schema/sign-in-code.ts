import { index, modelOptions, prop } from '@typegoose/typegoose';

/** What an application exchanges for a session, once, after an outside provider has signed a user in. */
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
@modelOptions({ schemaOptions: { collection: 'signInCodes' } })
export class SignInCode {
  /** SHA-256 of the code, hex: who reads the database signs nobody in. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  userId!: string;

  /** The server deletes it some time later. */
  @prop({ type: Date, required: true })
  expiresAt!: Date;
}
