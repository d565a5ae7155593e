import { modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

/** What an organization may use; what is absent is not limited. */
@ObjectType({ description: 'What an organization may use; null is without a limit.' })
@modelOptions({ schemaOptions: { _id: false } })
export class OrganizationLimits {
  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Bytes of source files.' })
  @prop({ type: Number })
  storedBytes?: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Minutes of source media in one calendar month, UTC. The upload that passes it is the last.',
  })
  @prop({ type: Number })
  minutesPerMonth?: number;

  @Field(() => Int, { nullable: true, description: 'Uploads that are received at once.' })
  @prop({ type: Number })
  simultaneousUploads?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Open subscriptions to its videos and projects; each gateway process counts its own.',
  })
  @prop({ type: Number })
  subscriptions?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Requests of all its keys and members together: an average over ten seconds.',
  })
  @prop({ type: Number })
  requestsPerSecond?: number;
}

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
  @prop({ type: () => OrganizationLimits })
  limits?: OrganizationLimits;

  /** Changed by each limited upload that begins or ends, so that two such transactions wait for each other. */
  @prop({ type: Number })
  uploadTurn?: number;

  createdAt!: Date;
}
