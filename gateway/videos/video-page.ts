import type { QueryFilter } from 'mongoose';
import type { Video } from '../../schema/video.js';
import { badCursor, type Position } from '../paging/cursor.js';
import { startOf } from '../paging/page.js';
import { VideoOrder, type VideoFilter, type VideosArgs } from './video-inputs.js';

type Condition = QueryFilter<Video>;

const orders = {
  CREATED_AT_DESC: { path: 'createdAt', direction: -1 },
  CREATED_AT_ASC: { path: 'createdAt', direction: 1 },
  TITLE_ASC: { path: 'title', direction: 1 },
  TITLE_DESC: { path: 'title', direction: -1 },
} as const satisfies Record<VideoOrder, { path: 'createdAt' | 'title'; direction: 1 | -1 }>;

const orderOf = ({ orderBy }: VideosArgs): VideoOrder => orderBy ?? VideoOrder.CREATED_AT_DESC;

/** Sort of a page: each order is one of the indexes of `Video`, read in one of its directions. */
export function sortOf(args: VideosArgs): Record<string, 1 | -1> {
  const { path, direction } = orders[orderOf(args)];
  return { [path]: direction, _id: direction };
}

/** The position of a video in the page's order. */
export function positionIn(args: VideosArgs): (video: Video) => Position {
  const order = orderOf(args);
  return ({ _id: id, createdAt, title }) => ({
    order,
    id,
    value: orders[order].path === 'title' ? title : createdAt.toISOString(),
  });
}

/** Conditions of a page: of its project, past the cursor, as the filter wants. */
export function conditionsOf(args: VideosArgs): Condition[] {
  return [{ projectId: args.projectId }, ...pastCursor(args), ...filtered(args.filter ?? {})];
}

function pastCursor(args: VideosArgs): Condition[] {
  const start = startOf(args, orderOf(args));
  if (!start) return [];
  const { path, direction } = orders[orderOf(args)];
  const value = path === 'title' ? start.value : dateOf(start.value);
  const past = direction === 1 ? '$gt' : '$lt';
  return [{ $or: [{ [path]: { [past]: value } }, { [path]: value, _id: { [past]: start.id } }] }];
}

function dateOf(value: string): Date {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw badCursor();
  return date;
}

function filtered({ status, uploadStatus, playable, titleContains }: VideoFilter): Condition[] {
  const conditions: Condition[] = [];
  if (status) conditions.push({ status: { $in: status } });
  if (uploadStatus) conditions.push({ uploadStatus: { $in: uploadStatus } });
  if (playable != null) conditions.push({ playable });
  if (titleContains != null) conditions.push({ title: new RegExp(literally(titleContains), 'i') });
  return conditions;
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
