import { index, modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { PlaybackPolicy } from './playback-policy.js';

/** A set of videos of one organization. */
@ObjectType({ description: 'A set of videos of one organization.' })
@index({ organizationId: 1, _id: -1 })
@index({ retentionAt: 1 }, { sparse: true })
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

  /** Absent: true. */
  @prop({ type: Boolean })
  keepSource?: boolean;

  @Field(() => Int, {
    nullable: true,
    description: 'Its videos are deleted this many days after they were made; null: never.',
  })
  @prop({ type: Number })
  deleteAfterDays?: number | null;

  /** When its videos are looked at next for what is not to be kept; absent where all is. */
  @prop({ type: Date })
  retentionAt?: Date;

  /** Absent: SIGNED. */
  @prop({ type: String, enum: PlaybackPolicy })
  playbackPolicy?: PlaybackPolicy;

  @Field(() => [String], {
    nullable: true,
    description: 'Origins of the pages whose scripts may play its videos (CORS); null: all.',
  })
  @prop({ type: () => [String], default: undefined })
  playbackOrigins?: string[] | null;

  @Field(() => GraphQLDateTime)
  createdAt!: Date;
}

/** Whether the sources of its videos stay once these are READY. */
export const keepsSources = ({ keepSource }: Pick<Project, 'keepSource'>): boolean => keepSource !== false;
