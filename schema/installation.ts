import { modelOptions, prop } from '@typegoose/typegoose';

/** What there is once: of two users who sign up first, only one can write it. */
@modelOptions({ schemaOptions: { collection: 'installation' } })
export class Installation {
  @prop({ type: String, required: true })
  _id!: 'installation';

  @prop({ type: String, required: true })
  firstUserId!: string;
}
