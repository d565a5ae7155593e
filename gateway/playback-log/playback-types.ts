import { GraphQLLocalDate, GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import { PlaybackDay } from '../../schema/playback-day.js';
import { PlaybackSession } from '../../schema/playback-session.js';
import { PageInfo } from '../paging/page.js';

/** Days in one range at most. */
export const MAX_RANGE_DAYS = 366;

@InputType({ description: `UTC days, both included; ${MAX_RANGE_DAYS} at most.` })
export class PlaybackRange {
  @Field(() => GraphQLLocalDate)
  from!: string;

  @Field(() => GraphQLLocalDate)
  to!: string;
}

@ObjectType({ description: 'How much one rendition was played.' })
export class RenditionTotal {
  @Field(() => String, { description: '"720p", or "Audio 1".' })
  name!: string;

  @Field(() => Int, { description: 'Views that got something of it.' })
  views!: number;

  @Field(() => GraphQLSafeInt)
  bytes!: number;

  @Field(() => Float)
  watchedSeconds!: number;
}

@ObjectType({
  description:
    'Playback of the videos of a project. A session counts on the day on which it began; viewers are counted by day, ' +
    'since one may come on several.',
})
export class PlaybackStats {
  @Field(() => [PlaybackDay], { description: 'Every day of the range.' })
  days!: PlaybackDay[];

  @Field(() => Int)
  views!: number;

  @Field(() => GraphQLSafeInt)
  bytes!: number;

  @Field(() => Float)
  watchedSeconds!: number;

  @Field(() => Float, { nullable: true, description: 'As on a day.' })
  meanStartupMs!: number | null;

  @Field(() => Float, { nullable: true, description: 'As on a day.' })
  rebufferRatio!: number | null;

  @Field(() => [RenditionTotal])
  renditions!: RenditionTotal[];
}

@ObjectType()
export class PlaybackSessionEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => PlaybackSession)
  node!: PlaybackSession;
}

@ObjectType({ description: 'One page of sessions, those that began last first.' })
export class PlaybackSessionConnection {
  @Field(() => [PlaybackSessionEdge])
  edges!: PlaybackSessionEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
