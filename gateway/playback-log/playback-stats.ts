import type { PlaybackDay, QualitySums, RenditionDay } from '../../schema/playback-day.js';
import type { DayRenditions, DayTotals } from './day-pipelines.js';
import { type Day, daysFrom } from './days.js';

/** Mean time to start, milliseconds; null where no player tells. */
export const meanStartupMs = ({ startups, startupMs }: QualitySums): number | null =>
  startups > 0 ? startupMs / startups : null;

/** Part of the time of playing and rebuffering that was rebuffering; null where no player tells. */
export const rebufferRatio = ({ rebufferMs, reportedMs }: QualitySums): number | null =>
  reportedMs > 0 ? rebufferMs / reportedMs : null;

/** Days from both halves of what is known of them. */
export function joinDays(totals: readonly DayTotals[], renditions: readonly DayRenditions[]): PlaybackDay[] {
  const byId = new Map(renditions.map((day) => [day._id, day.renditions]));
  return totals.map((day) => ({ ...day, renditions: byId.get(day._id) ?? [] }));
}

/** Every day from one to another, those without any playback too. */
export function everyDay(
  projectId: string,
  { from, to }: { from: Day; to: Day },
  known: readonly PlaybackDay[],
): PlaybackDay[] {
  const byDay = new Map(known.map((day) => [day.day, day]));
  return daysFrom(from, to).map((day) => byDay.get(day) ?? emptyDay(projectId, day));
}

const emptyDay = (projectId: string, day: Day): PlaybackDay => ({
  ...{ _id: `${day}.${projectId}`, projectId, day, renditions: [] },
  ...{ views: 0, viewers: 0, bytes: 0, watchedSeconds: 0 },
  ...{ startups: 0, startupMs: 0, rebufferMs: 0, reportedMs: 0 },
});

/** What days add up to. Viewers do not: one may have come on several. */
export interface PlaybackSums extends QualitySums {
  views: number;
  bytes: number;
  watchedSeconds: number;
  renditions: Omit<RenditionDay, 'viewers'>[];
}

const summed = [
  'views',
  'bytes',
  'watchedSeconds',
  'startups',
  'startupMs',
  'rebufferMs',
  'reportedMs',
] as const;

export function sumOfDays(days: readonly PlaybackDay[]): PlaybackSums {
  const sums = Object.fromEntries(
    summed.map((name) => [name, days.reduce((sum, day) => sum + day[name], 0)]),
  ) as Record<(typeof summed)[number], number>;
  return { ...sums, renditions: sumOfRenditions(days.flatMap(({ renditions }) => renditions)) };
}

function sumOfRenditions(rows: readonly RenditionDay[]): PlaybackSums['renditions'] {
  const byName = [...Map.groupBy(rows, ({ name }) => name)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return byName.map(([name, same]) => ({
    name,
    views: same.reduce((sum, { views }) => sum + views, 0),
    bytes: same.reduce((sum, { bytes }) => sum + bytes, 0),
    watchedSeconds: same.reduce((sum, { watchedSeconds }) => sum + watchedSeconds, 0),
  }));
}
