import { ArrayMaxSize, ArrayNotEmpty, IsIn, Length, Max, Min, ValidateNested } from 'class-validator';
import { ArgsType, Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { MAX_PLAYBACK_SECONDS } from '../../platform/tokens.js';
import { UploadStatus, VideoStatus } from '../../schema/enums.js';
import { PageArgs } from '../paging/page.js';

export const VideoOrder = {
  CREATED_AT_DESC: 'CREATED_AT_DESC',
  CREATED_AT_ASC: 'CREATED_AT_ASC',
  TITLE_ASC: 'TITLE_ASC',
  TITLE_DESC: 'TITLE_DESC',
} as const;
export type VideoOrder = (typeof VideoOrder)[keyof typeof VideoOrder];

registerEnumType(VideoOrder, {
  name: 'VideoOrder',
  description: 'Order of a list; ties are broken by the id.',
});

@InputType({ description: 'What a video must be to be listed; what is left out does not matter.' })
export class VideoFilter {
  @Field(() => [VideoStatus], { nullable: true, description: 'One of these.' })
  status?: VideoStatus[] | null;

  @Field(() => [UploadStatus], { nullable: true, description: 'One of these.' })
  uploadStatus?: UploadStatus[] | null;

  @Field(() => Boolean, { nullable: true })
  playable?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: 'Somewhere in the title, in either case; 1–200 characters.',
  })
  @Length(1, 200)
  titleContains?: string | null;
}

@ArgsType()
export class VideosArgs extends PageArgs {
  @Field(() => ID)
  projectId!: string;

  @Field(() => VideoFilter, { nullable: true })
  @ValidateNested()
  filter?: VideoFilter | null;

  @Field(() => VideoOrder, { nullable: true, defaultValue: VideoOrder.CREATED_AT_DESC })
  @IsIn(Object.values(VideoOrder))
  orderBy?: VideoOrder | null;
}

@InputType({ description: 'What to change about a video; what is left out stays.' })
export class UpdateVideoInput {
  @Field(() => String, { nullable: true, description: '1–255 characters.' })
  @Length(1, 255)
  title?: string | null;
}

const MIN_EXPIRY_SECONDS = 60;

const MAX_REFERRERS = 10;

@InputType({
  description: 'For whom a playback is, beside whoever has its URL; what is left out restricts nothing.',
})
export class PlaybackViewerInput {
  @Field(() => String, { nullable: true, description: 'Whom you know the viewer as: 1–128 characters.' })
  @Length(1, 128)
  userId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The address it is for, or the network: 192.0.2.0/24.',
  })
  @Length(1, 64)
  ipPrefix?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Hosts of the pages that may show it, at most 10; *.example.com stands for all below. Players that do not say ' +
      'where they are, such as VLC, are refused.',
  })
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_REFERRERS)
  referrers?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Tallest rendition, by its short side in pixels, from 144; there is always the smallest one.',
  })
  @Min(144)
  @Max(9_999)
  maxHeight?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Devices that this viewer may watch on at the same time, in the whole project: 1–100. Needs userId. Where one ' +
      'more begins, its master playlist answers 429; a device counts until it has asked for nothing for 30 seconds.',
  })
  @Min(1)
  @Max(100)
  maxConcurrent?: number | null;
}

@ArgsType()
export class PlaybackArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 3600,
    description: `Seconds the URLs stay valid, ${MIN_EXPIRY_SECONDS}–${MAX_PLAYBACK_SECONDS}.`,
  })
  @Min(MIN_EXPIRY_SECONDS)
  @Max(MAX_PLAYBACK_SECONDS)
  expiresInSeconds?: number | null;

  @Field(() => PlaybackViewerInput, { nullable: true })
  @ValidateNested()
  viewer?: PlaybackViewerInput | null;
}

@ArgsType()
export class StopVideoArgs {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: 'For people to read: 1–255 characters.' })
  @Length(1, 255)
  reason?: string | null;
}
