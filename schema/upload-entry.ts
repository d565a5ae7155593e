import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { UploadStatus } from './enums.js';
import type { ErrorCode } from './errors.js';

/** How a source file comes in. */
export const UploadMethod = { MULTIPART: 'MULTIPART', TUS: 'TUS', BLOB: 'BLOB', IMPORT: 'IMPORT' } as const;
export type UploadMethod = (typeof UploadMethod)[keyof typeof UploadMethod];

registerEnumType(UploadMethod, {
  name: 'UploadMethod',
  description:
    'How a source file comes in: in one multipart request, in pieces (tus), straight into blob storage, or from a URL.',
});

/** The log is kept for this long, seconds. */
const KEPT_SECONDS = 90 * 86_400;

/** One source file on its way in: who sent it, how, how fast, and what came of it. Outlives its video. */
@ObjectType({
  description:
    'One source file on its way in, and what came of it. Kept for 90 days, also without its video.',
})
@index({ projectId: 1, _id: -1 })
@index({ videoId: 1 }, { unique: true })
@index({ createdAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
@modelOptions({ schemaOptions: { collection: 'uploads' } })
export class UploadEntry {
  @Field(() => ID, { name: 'id' })
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  organizationId!: string;

  @prop({ type: String, required: true })
  projectId!: string;

  @Field(() => ID, { description: 'The video may be gone.' })
  @prop({ type: String, required: true })
  videoId!: string;

  @Field(() => UploadMethod)
  @prop({ type: String, required: true, enum: UploadMethod })
  method!: UploadMethod;

  @Field(() => ID, { description: 'The API key or the user.' })
  @prop({ type: String, required: true })
  sender!: string;

  @Field(() => String, { nullable: true, description: 'From where, as this server saw it.' })
  @prop({ type: String })
  address?: string;

  @Field(() => String, { description: 'As its sender calls it.' })
  @prop({ type: String, required: true })
  filename!: string;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Bytes that were announced.' })
  @prop({ type: Number })
  declaredBytes?: number;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Bytes that arrived, once it has ended.' })
  @prop({ type: Number })
  receivedBytes?: number;

  @Field(() => UploadStatus)
  @prop({ type: String, required: true, enum: UploadStatus })
  status!: UploadStatus;

  @Field(() => String, { nullable: true, description: 'Why it did not arrive: the code of an error.' })
  @prop({ type: String })
  errorCode?: ErrorCode;

  @Field(() => GraphQLDateTime)
  @prop({ type: Date, required: true })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its first byte was awaited.' })
  @prop({ type: Date })
  startedAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  @prop({ type: Date })
  endedAt?: Date;
}

/** Bytes a second; null where nothing has arrived yet. */
export function averageSpeed({
  receivedBytes,
  startedAt,
  endedAt,
}: Pick<UploadEntry, 'receivedBytes' | 'startedAt' | 'endedAt'>): number | null {
  if (receivedBytes === undefined || !startedAt || !endedAt) return null;
  return receivedBytes / (Math.max(1, endedAt.getTime() - startedAt.getTime()) / 1000);
}
