/** A UTC day as `2026-03-01`: these sort by time. */
export type Day = string;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The day of a time in epoch milliseconds. */
export const dayOf = (at: number): Day => new Date(at).toISOString().slice(0, 10);

const startOf = (day: Day): number => Date.parse(`${day}T00:00:00Z`);

export const dayAfter = (day: Day, days: number): Day => dayOf(startOf(day) + days * DAY_MS);

/** How many days there are from one to another, both included; less than 1 where the second is earlier. */
export const daysBetween = (from: Day, to: Day): number => (startOf(to) - startOf(from)) / DAY_MS + 1;

/** All days from one to another, both included. */
export const daysFrom = (from: Day, to: Day): Day[] =>
  Array.from({ length: Math.max(0, daysBetween(from, to)) }, (_, days) => dayAfter(from, days));

/**
 * Days are read from their sessions from this one on, and before it from what they were summed up to: today and the
 * two days before.
 */
export const firstOpenDay = (now: number): Day => dayOf(now - 2 * DAY_MS);

/**
 * A day is complete when its last session must have ended, a day after it, and been stored: half a day more is for
 * outages. It is summed up then, half a day before anybody reads that.
 */
const CLOSED_AFTER_MS = DAY_MS + 12 * HOUR_MS;

/** The last day that is complete. */
export const lastCompleteDay = (now: number): Day => dayOf(now - DAY_MS - CLOSED_AFTER_MS);
