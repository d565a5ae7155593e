import { modelOptions, prop } from '@typegoose/typegoose';
import { Field, ID, ObjectType } from 'type-graphql';

/** A company on this installation: the border nothing is seen across. */
@ObjectType({ description: 'A company on this installation; nothing is visible across its border.' })
@modelOptions({ schemaOptions: { collection: 'organizations', timestamps: true } })
export class Organization {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @Field(() => String)
  @prop({ type: String, required: true })
  name!: string;

  /** Counted up by each change of its members, so that of two at once the second sees the first. */
  @prop({ type: Number })
  memberChanges?: number;

  createdAt!: Date;
}
