import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import { Role } from './permissions.js';

/** A user's part in an organization. */
@ObjectType({ description: "A user's part in an organization." })
@index({ userId: 1, organizationId: 1 }, { unique: true })
@index({ organizationId: 1, _id: 1 })
@modelOptions({ schemaOptions: { collection: 'memberships', timestamps: true } })
export class Membership {
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  userId!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @Field(() => Role)
  @prop({ type: String, required: true, enum: Role })
  role!: Role;

  @Field(() => GraphQLDateTime, { name: 'since' })
  createdAt!: Date;
}
