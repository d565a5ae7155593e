import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';

/** A set of videos of one organization. */
@ObjectType({ description: 'A set of videos of one organization.' })
@index({ organizationId: 1, _id: -1 })
@modelOptions({ schemaOptions: { collection: 'projects', timestamps: true } })
export class Project {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @Field(() => String)
  @prop({ type: String, required: true })
  name!: string;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;
}
