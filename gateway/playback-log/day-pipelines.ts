import type { PipelineStage } from 'mongoose';
import { sessionTotals } from '../../schema/session-totals.js';
import type { PlaybackDay, RenditionDay } from '../../schema/playback-day.js';

/** What a day and a project have in common with their document. */
type Of = Pick<PlaybackDay, '_id' | 'projectId' | 'day'>;
export type DayTotals = Of & Omit<PlaybackDay, 'renditions'>;
export type DayRenditions = Of & { renditions: RenditionDay[] };

const { bytes, seconds, startupMs, rebufferMs, playedMs, renditions } = sessionTotals;

const yes = (condition: unknown) => ({ $sum: { $cond: [condition, 1, 0] } });
const told = (field: string) => ({ $gt: [field, null] });

const identity: PipelineStage.Project['$project'] = {
  _id: { $concat: ['$_id.day', '.', '$_id.projectId'] },
  day: '$_id.day',
  projectId: '$_id.projectId',
};
const ofDay = { day: '$_id.day', projectId: '$_id.projectId' };

/** Sessions that match, summed up by day and project. Viewers are grouped first: there may be a million. */
export const totalsOf = (match: object): PipelineStage[] => [
  { $match: match },
  { $set: { bytes, seconds, startupMs, rebufferMs, playedMs } },
  {
    $group: {
      _id: { day: '$day', projectId: '$projectId', viewer: '$viewer' },
      views: yes('$viewed'),
      bytes: { $sum: '$bytes' },
      watchedSeconds: { $sum: '$seconds' },
      startups: yes(told('$startupMs')),
      startupMs: { $sum: '$startupMs' },
      rebufferMs: { $sum: '$rebufferMs' },
      reportedMs: { $sum: { $cond: [told('$rebufferMs'), { $add: ['$rebufferMs', playedTime] }, 0] } },
    },
  },
  {
    $group: {
      _id: ofDay,
      views: { $sum: '$views' },
      viewers: yes({ $gt: ['$views', 0] }),
      bytes: { $sum: '$bytes' },
      watchedSeconds: { $sum: '$watchedSeconds' },
      startups: { $sum: '$startups' },
      startupMs: { $sum: '$startupMs' },
      rebufferMs: { $sum: '$rebufferMs' },
      reportedMs: { $sum: '$reportedMs' },
    },
  },
  {
    $project: {
      ...identity,
      ...{ views: 1, viewers: 1, bytes: 1, watchedSeconds: 1 },
      ...{ startups: 1, startupMs: 1, rebufferMs: 1, reportedMs: 1 },
    },
  },
];

/** What was sent, where the player does not tell how long it has played. */
const playedTime = { $ifNull: ['$playedMs', { $multiply: ['$seconds', 1_000] }] };

/** The same, by rendition. */
export const renditionsOf = (match: object): PipelineStage[] => [
  { $match: match },
  { $set: { renditions } },
  { $unwind: '$renditions' },
  {
    $group: {
      _id: { day: '$day', projectId: '$projectId', name: '$renditions.name', viewer: '$viewer' },
      views: yes('$viewed'),
      bytes: { $sum: '$renditions.bytes' },
      watchedSeconds: { $sum: '$renditions.seconds' },
    },
  },
  {
    $group: {
      _id: { ...ofDay, name: '$_id.name' },
      views: { $sum: '$views' },
      viewers: yes({ $gt: ['$views', 0] }),
      bytes: { $sum: '$bytes' },
      watchedSeconds: { $sum: '$watchedSeconds' },
    },
  },
  { $sort: { '_id.name': 1 } },
  {
    $group: {
      _id: ofDay,
      renditions: {
        $push: {
          ...{ name: '$_id.name', views: '$views', viewers: '$viewers', bytes: '$bytes' },
          watchedSeconds: '$watchedSeconds',
        },
      },
    },
  },
  { $project: { ...identity, renditions: 1 } },
];

/** Views of each video on each day. */
export const videoViewsOf = (match: object): PipelineStage[] => [
  { $match: { ...match, viewed: true } },
  { $group: { _id: { videoId: '$videoId', day: '$day' }, views: { $sum: 1 } } },
  {
    $project: {
      _id: { $concat: ['$_id.videoId', '.', '$_id.day'] },
      ...{ videoId: '$_id.videoId', day: '$_id.day', views: 1 },
    },
  },
];
