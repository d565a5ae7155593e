import { modelOptions, prop } from '@typegoose/typegoose';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType, registerEnumType } from 'type-graphql';

/** Whom captions are for. */
export const CaptionsKind = { SUBTITLES: 'SUBTITLES', CAPTIONS: 'CAPTIONS', FORCED: 'FORCED' } as const;
export type CaptionsKind = (typeof CaptionsKind)[keyof typeof CaptionsKind];

export const CaptionsStatus = { PENDING: 'PENDING', PUBLISHED: 'PUBLISHED', FAILED: 'FAILED' } as const;
export type CaptionsStatus = (typeof CaptionsStatus)[keyof typeof CaptionsStatus];

registerEnumType(CaptionsKind, {
  name: 'CaptionsKind',
  description:
    'SUBTITLES say what is spoken; CAPTIONS also what is heard, for people who cannot hear; FORCED are shown to ' +
    'everybody who hears that language, for what is spoken or written in another one.',
});
registerEnumType(CaptionsStatus, {
  name: 'CaptionsStatus',
  description:
    'PENDING: published within seconds, or, while the video is processed, when it is READY. FAILED: not published ' +
    'after many attempts; add them again.',
});

/** Captions of a video in one language, as they are stored with it. */
@modelOptions({ schemaOptions: { _id: false } })
export class CaptionTrack {
  /** Part of the names of its files, which are never written again. */
  @prop({ type: String, required: true })
  id!: string;

  @prop({ type: String, required: true })
  language!: string;

  @prop({ type: String, required: true })
  label!: string;

  @prop({ type: String, required: true, enum: CaptionsKind })
  kind!: CaptionsKind;

  @prop({ type: Boolean, required: true })
  isDefault!: boolean;

  /** The revision of all the video's captions that it came with. */
  @prop({ type: Number, required: true })
  revision!: number;

  @prop({ type: Date, required: true })
  addedAt!: Date;
}

/** All captions of a video. Each change makes a new revision; a master playlist lists those of one revision. */
@modelOptions({ schemaOptions: { _id: false } })
export class CaptionSet {
  @prop({ type: Number, required: true })
  revision!: number;

  /** The last revision that a master playlist lists, and the last that could not be published. */
  @prop({ type: Number })
  publishedRevision?: number;

  @prop({ type: Number })
  failedRevision?: number;

  @prop({ type: () => [CaptionTrack], required: true })
  tracks!: CaptionTrack[];
}

/** What a video has before any are added. */
export const noCaptions: CaptionSet = { revision: 0, tracks: [] };

@ObjectType({ description: 'Captions of a video in one language.' })
export class Captions {
  @Field(() => String, { description: 'BCP 47.' })
  language!: string;

  @Field(() => String, { description: 'As players show it.' })
  label!: string;

  @Field(() => CaptionsKind)
  kind!: CaptionsKind;

  @Field(() => Boolean, { description: 'Whether players show them without being asked.' })
  isDefault!: boolean;

  @Field(() => CaptionsStatus)
  status!: CaptionsStatus;

  @Field(() => GraphQLDateTime)
  addedAt!: Date;
}

/** The captions of a video as clients of the API see them. */
export function captionsOf({ tracks, publishedRevision = 0, failedRevision = 0 }: CaptionSet): Captions[] {
  const statusOf = (revision: number): CaptionsStatus => {
    if (revision <= publishedRevision) return CaptionsStatus.PUBLISHED;
    return revision <= failedRevision ? CaptionsStatus.FAILED : CaptionsStatus.PENDING;
  };
  return tracks.map(({ language, label, kind, isDefault, revision, addedAt }) => ({
    ...{ language, label, kind, isDefault, addedAt },
    status: statusOf(revision),
  }));
}
