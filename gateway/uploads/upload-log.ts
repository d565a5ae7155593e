import type { Database } from '../../platform/mongo.js';
import { UploadEntry } from '../../schema/upload-entry.js';
import { newestFirst, olderThan, positionById } from '../paging/newest-first.js';
import { type Page, type PageArgs, pageOf, rowsToRead } from '../paging/page.js';

/** What has come in, or was to. */
export interface UploadLog {
  page(projectId: string, args: PageArgs): Promise<Page<UploadEntry>>;
}

export function createUploadLog(deps: { db: Database }): UploadLog {
  const uploads = deps.db.model(UploadEntry);

  return {
    async page(projectId, args) {
      const rows = await uploads
        .find({ projectId, ...olderThan(args) })
        .sort(newestFirst)
        .limit(rowsToRead(args))
        .lean<UploadEntry[]>();
      return pageOf(rows, args, positionById);
    },
  };
}
