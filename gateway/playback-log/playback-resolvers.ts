import { GraphQLSafeInt } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { PlaybackDay } from '../../schema/playback-day.js';
import { Project } from '../../schema/project.js';
import { Video } from '../../schema/video.js';
import { placeOf, requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import { PageArgs } from '../paging/page.js';
import { daysBetween } from './days.js';
import { meanStartupMs, rebufferRatio, sumOfDays } from './playback-stats.js';
import type { PlaybackStatsStore } from './playback-stats-store.js';
import { MAX_RANGE_DAYS, PlaybackRange, PlaybackSessionConnection, PlaybackStats } from './playback-types.js';

/** How a video was played. */
@Resolver(() => Video)
export class VideoPlaybackResolver {
  constructor(private readonly deps: { stats: Pick<PlaybackStatsStore, 'sessions'> }) {}

  @FieldResolver(() => GraphQLSafeInt, {
    description:
      'Sessions that got at least one whole media segment, or whose player says that it plays. New ones count within ' +
      'seconds.',
  })
  views(@Root() { _id: videoId }: Video, @Ctx() { viewsByVideoId }: GatewayContext): Promise<number> {
    return viewsByVideoId.load(videoId);
  }

  @FieldResolver(() => PlaybackSessionConnection, {
    description:
      'Who played it, of the last 90 days, for whoever may manage it. Errors: FORBIDDEN, BAD_USER_INPUT (first, after).',
  })
  playbackSessions(
    @Root() video: Video,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { caller }: GatewayContext,
  ): Promise<PlaybackSessionConnection> {
    requirePermission(caller, 'video:write', video);
    return this.deps.stats.sessions(video._id, page);
  }
}

/** How the videos of a project were played. */
@Resolver(() => Project)
export class ProjectPlaybackResolver {
  constructor(private readonly deps: { stats: Pick<PlaybackStatsStore, 'days'> }) {}

  @FieldResolver(() => PlaybackStats, { description: 'Errors: FORBIDDEN, BAD_USER_INPUT (range).' })
  async playbackStats(
    @Root() project: Project,
    @Arg('range', () => PlaybackRange) range: PlaybackRange,
    @Ctx() { caller }: GatewayContext,
  ): Promise<PlaybackStats> {
    requirePermission(caller, 'video:read', placeOf(project));
    const length = daysBetween(range.from, range.to);
    if (length < 1 || length > MAX_RANGE_DAYS)
      throw new AppError('BAD_USER_INPUT', {
        field: 'range',
        message: `A range has 1 to ${MAX_RANGE_DAYS} days.`,
      });
    const days = await this.deps.stats.days(project._id, range);
    const { startups, startupMs, rebufferMs, reportedMs, ...sums } = sumOfDays(days);
    const quality = { startups, startupMs, rebufferMs, reportedMs };
    return {
      ...{ ...sums, days },
      ...{ meanStartupMs: meanStartupMs(quality), rebufferRatio: rebufferRatio(quality) },
    };
  }
}

/** What follows from the sums of a day. */
@Resolver(() => PlaybackDay)
export class PlaybackDayResolver {
  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'From the wish to play to the first picture, of sessions whose players tell; null where none does.',
  })
  meanStartupMs(@Root() day: PlaybackDay): number | null {
    return meanStartupMs(day);
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'Part of the time of playing and rebuffering that was rebuffering, of sessions whose players tell; null where ' +
      'none does.',
  })
  rebufferRatio(@Root() day: PlaybackDay): number | null {
    return rebufferRatio(day);
  }
}
