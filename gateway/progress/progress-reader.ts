import type { Database } from '../../platform/mongo.js';
import { unfinishedStatuses } from '../../schema/enums.js';
import type { ProgressMessage } from '../../schema/messages.js';
import { progressOf, type ProgressSource } from '../../schema/video-progress.js';
import { Video } from '../../schema/video.js';

/** Progress as it is stored: what subscribers start from, and what heals lost messages. */
export interface ProgressReader {
  /** Accounts of these videos; those that do not exist are left out. */
  ofVideos(videoIds: readonly string[]): Promise<ProgressMessage[]>;
  /** Accounts of a project's videos that are not finished, the newest first. */
  ofUnfinished(projectId: string, limit: number): Promise<ProgressMessage[]>;
  /** Accounts that changed in these projects since a time. */
  changedSince(projectIds: readonly string[], since: Date, limit: number): Promise<ProgressMessage[]>;
}

type Row = ProgressSource & Pick<Video, 'projectId'>;

const fields = {
  projectId: 1,
  generation: 1,
  uploadStatus: 1,
  status: 1,
  playable: 1,
  error: 1,
  progress: 1,
};

export function createProgressReader(deps: { db: Database }): ProgressReader {
  const videos = deps.db.model(Video);

  return {
    async ofVideos(videoIds) {
      const rows = await videos.find({ _id: { $in: [...videoIds] } }, fields).lean<Row[]>();
      return rows.map(toMessage);
    },

    async ofUnfinished(projectId, limit) {
      const rows = await videos
        .find({ projectId, status: { $in: [...unfinishedStatuses] } }, fields)
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit)
        .lean<Row[]>();
      return rows.map(toMessage);
    },

    async changedSince(projectIds, since, limit) {
      const rows = await videos
        .find({ projectId: { $in: [...projectIds] }, 'progress.at': { $gte: since } }, fields)
        .limit(limit)
        .lean<Row[]>();
      return rows.map(toMessage);
    },
  };
}

const toMessage = (row: Row): ProgressMessage => ({ v: 1, projectId: row.projectId, event: progressOf(row) });
