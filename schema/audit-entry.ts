import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';
import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';

/** One privileged act: who did what, to what, from where, and how it ended. Only ever added. */
@ObjectType({ description: 'One privileged act: who did what, to what, from where, and how it ended.' })
@index({ target: 1, _id: -1 })
@index({ action: 1, _id: -1 })
@index({ organizationId: 1, _id: -1 })
@modelOptions({ schemaOptions: { collection: 'auditLog' }, options: { allowMixed: Severity.ALLOW } })
export class AuditEntry {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @Field(() => GraphQLDateTime)
  @prop({ type: Date, required: true })
  at!: Date;

  @Field(() => ID, { description: 'The API key or the user; `anonymous` where nobody had signed in.' })
  @prop({ type: String, required: true })
  actor!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Of the organization it was done in; null for the installation.',
  })
  @prop({ type: String })
  organizationId?: string;

  @Field(() => String, { description: 'Name of the operation: stopVideo.' })
  @prop({ type: String, required: true })
  action!: string;

  @Field(() => ID, { nullable: true, description: 'Null for the installation as a whole.' })
  @prop({ type: String })
  target?: string;

  @Field(() => GraphQLJSONObject, { nullable: true, description: 'What was asked for, and what came of it.' })
  @prop({ type: Object })
  details?: Record<string, unknown>;

  @Field(() => String, { description: 'OK, or the code of the error.' })
  @prop({ type: String, required: true })
  result!: string;

  @Field(() => String, { nullable: true, description: 'From where, as this server saw it.' })
  @prop({ type: String })
  address?: string;

  @Field(() => String, { description: 'As in the logs, and in the header X-Request-Id.' })
  @prop({ type: String, required: true })
  requestId!: string;
}
