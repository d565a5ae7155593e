import { terminalStatuses } from '../../schema/enums.js';
import { toAppError } from '../../schema/errors.js';
import type { Video } from '../../schema/video.js';
import type { Caller } from '../auth/caller.js';
import { MAX_PAGE_SIZE } from '../paging/page.js';
import type { ReprocessedVideos, ReprocessRefusal, ReprocessVideosArgs } from './reprocess-inputs.js';
import type { ReprocessService } from './reprocess-service.js';
import type { VideoStore } from './video-store.js';

/** What is made anew, and what not; the videos that are are named for the audit log. */
export type BulkReprocess = ReprocessedVideos & { reprocessedIds: string[] };

/** Videos of one call, and how many at a time. */
const MAX_VIDEOS = 1_000;
const AT_ONCE = 8;

/**
 * Makes the videos of a project anew that the filter lets through, the newest first, each on its own: one
 * that cannot be does not keep the others.
 * @throws AppError BAD_USER_INPUT (after, titleContains)
 */
export async function reprocessAll(
  deps: {
    videos: Pick<VideoStore, 'page'>;
    service: Pick<ReprocessService, 'begin'>;
    maxVideos?: number;
  },
  { projectId, filter, input, after }: ReprocessVideosArgs,
  caller: Caller,
): Promise<BulkReprocess> {
  const status = filter?.status ?? [...terminalStatuses];
  const reprocessedIds: string[] = [];
  const refusals: ReprocessRefusal[] = [];

  async function begin(video: Video): Promise<void> {
    try {
      await deps.service.begin(video, input ?? {});
      reprocessedIds.push(video._id);
    } catch (error) {
      const { code, message } = toAppError(error);
      refusals.push({ videoId: video._id, code, message });
    }
  }

  let endCursor = after ?? null;
  for (let left = deps.maxVideos ?? MAX_VIDEOS; left > 0;) {
    const first = Math.min(left, MAX_PAGE_SIZE);
    const asked = { projectId, filter: { ...filter, status }, first, after: endCursor };
    const { edges, pageInfo } = await deps.videos.page(asked, caller);
    for (let from = 0; from < edges.length; from += AT_ONCE) {
      await Promise.all(edges.slice(from, from + AT_ONCE).map(({ node }) => begin(node)));
    }
    left -= edges.length;
    endCursor = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
    if (endCursor === null) break;
  }
  return {
    ...{ reprocessed: reprocessedIds.length, notReprocessed: refusals.length },
    ...{ refusals, reprocessedIds, endCursor },
  };
}
