import { index, modelOptions, prop } from '@typegoose/typegoose';

/** A key pair that all gateways sign tokens with for a while; its public half says whether one did. */
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
@modelOptions({ schemaOptions: { collection: 'signingKeys' } })
export class SigningKey {
  /** Follows from the time it serves in and the key it is sealed with: whoever makes it first, all have it. */
  @prop({ type: String, required: true })
  _id!: string;

  /** The private JWK, readable only by who has the key ring. */
  @prop({ type: String, required: true })
  sealed!: string;

  /** Nothing it has signed is good any longer. */
  @prop({ type: Date, required: true })
  expiresAt!: Date;
}
