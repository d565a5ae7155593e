import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { permissions, type Permission } from './permissions.js';

/** A credential of a program. The secret itself is shown once and never stored. */
@ObjectType({ description: 'A credential of a program. Its text is shown once, when it is made.' })
@index({ projectId: 1, _id: -1 })
@index({ familyId: 1 }, { sparse: true })
@modelOptions({ schemaOptions: { collection: 'apiKeys', timestamps: true } })
export class ApiKey {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  /** Absent for a key of the installation. */
  @prop({ type: String })
  organizationId?: string;

  @prop({ type: String })
  projectId?: string;

  @Field(() => String)
  @prop({ type: String, required: true })
  name!: string;

  /** SHA-256 of the secret, hex. */
  @prop({ type: String, required: true })
  secretHash!: string;

  @Field(() => [String], { description: 'What it allows: project:read, video:read, …' })
  @prop({ type: () => [String], required: true, enum: permissions })
  scopes!: Permission[];

  @Field(() => [String], {
    nullable: true,
    description: 'Ranges of addresses (CIDR) it may be used from; null: from anywhere.',
  })
  @prop({ type: () => [String], default: undefined })
  cidrs?: string[];

  @Field(() => [String], {
    nullable: true,
    description: 'Origins of the pages it may be used by; null: also by what is not a page.',
  })
  @prop({ type: () => [String], default: undefined })
  origins?: string[];

  /** The first of the keys that took each other's place; absent for the first one. */
  @prop({ type: String })
  familyId?: string;

  /** When another one was made to take its place. */
  @prop({ type: Date })
  rotatedAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Null: never.' })
  @prop({ type: Date })
  expiresAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  @prop({ type: Date })
  revokedAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'To the minute; null: never.' })
  @prop({ type: Date })
  lastUsedAt?: Date;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;

  @Field(() => ID, {
    nullable: true,
    description: 'The user, or the API key, that made it; null where it came with the installation.',
  })
  @prop({ type: String })
  createdBy?: string;
}
