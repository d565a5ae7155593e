import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';

/** An account with an outside provider that signs a user in. */
@modelOptions({ schemaOptions: { _id: false } })
export class OutsideIdentity {
  @prop({ type: String, required: true })
  issuer!: string;

  /** The provider's own id of the user: unlike an address, it is never given to somebody else. */
  @prop({ type: String, required: true })
  subject!: string;
}

/** A person who can sign in. What they may do is said by their memberships. */
@ObjectType({ description: 'A person who can sign in.' })
@index({ email: 1 }, { unique: true })
@index(
  { 'identities.issuer': 1, 'identities.subject': 1 },
  { unique: true, partialFilterExpression: { 'identities.issuer': { $exists: true } } },
)
@modelOptions({ schemaOptions: { collection: 'users', timestamps: true } })
export class User {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @Field(() => String, { description: 'In lower case.' })
  @prop({ type: String, required: true })
  email!: string;

  @Field(() => String)
  @prop({ type: String, required: true })
  name!: string;

  /** Argon2id, in PHC string format; absent for who only signs in elsewhere. */
  @prop({ type: String })
  passwordHash?: string;

  /** Of the whole installation. */
  @prop({ type: Boolean })
  isSuperAdmin?: boolean;

  @prop({ type: () => [OutsideIdentity], default: undefined })
  identities?: OutsideIdentity[];

  @Field(() => GraphQLDateTime)
  createdAt!: Date;
}
