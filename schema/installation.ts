import { modelOptions, prop } from '@typegoose/typegoose';

/** What there is once: of two who sign up first, only one can write it. */
@modelOptions({ schemaOptions: { collection: 'installation' } })
export class Installation {
  @prop({ type: String, required: true })
  _id!: 'installation';

  /** When its first user signed up. */
  @prop({ type: Date, required: true })
  claimedAt!: Date;
}
