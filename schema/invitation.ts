import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Role } from './permissions.js';

/** How long an invitation that is over is kept, seconds. */
const KEPT_SECONDS = 30 * 86_400;

/** An offer to one address to become a member, good once. */
@ObjectType({
  description: 'An offer to one address to become a member of an organization; it can be accepted once.',
})
@index({ organizationId: 1, email: 1 })
@index({ expiresAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
@modelOptions({ schemaOptions: { collection: 'invitations', timestamps: true } })
export class Invitation {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @Field(() => String, { description: 'Of the only account that may accept it; in lower case.' })
  @prop({ type: String, required: true })
  email!: string;

  @Field(() => Role)
  @prop({ type: String, required: true, enum: Role })
  role!: Role;

  @Field(() => ID, { description: 'The user, or the API key, that made it.' })
  @prop({ type: String, required: true })
  invitedBy!: string;

  @Field(() => GraphQLDateTime)
  @prop({ type: Date, required: true })
  expiresAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  @prop({ type: Date })
  acceptedAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  @prop({ type: Date })
  revokedAt?: Date;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;
}
