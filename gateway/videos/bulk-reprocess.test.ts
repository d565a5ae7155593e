import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../schema/errors.js';
import type { Video } from '../../schema/video.js';
import { anonymous } from '../auth/caller.js';
import { pageOf, rowsToRead } from '../paging/page.js';
import { reprocessAll } from './bulk-reprocess.js';
import type { VideosArgs } from './video-inputs.js';

/** 250 videos, every third of which has no source any more. */
function withVideos() {
  const all = Array.from({ length: 250 }, (_, n) => ({ _id: `video_${n}` }) as Video);
  const asked: VideosArgs[] = [];
  const videos = {
    page(args: VideosArgs) {
      asked.push(args);
      const start = args.after == null ? 0 : Number(Buffer.from(args.after, 'base64url')) + 1;
      const rows = all.slice(start, start + rowsToRead(args));
      const page = pageOf(rows, args, ({ _id: id }) => ({ order: 'x', id, value: '' }));
      const last = page.edges.at(-1)?.node._id.slice('video_'.length) ?? '';
      const endCursor = Buffer.from(last).toString('base64url');
      return Promise.resolve({ ...page, pageInfo: { ...page.pageInfo, endCursor } });
    },
  };
  const service = {
    begin: (video: Video) =>
      Number(video._id.slice('video_'.length)) % 3 === 0
        ? Promise.reject(new AppError('CONFLICT', { status: 'READY' }))
        : Promise.resolve(video),
  };
  return { deps: { videos, service }, asked };
}

describe('making many videos anew', () => {
  it('takes each once, page by page, and says of which it was refused and where it ended', async () => {
    const { deps, asked } = withVideos();
    const first = await reprocessAll({ ...deps, maxVideos: 150 }, { projectId: 'p' }, anonymous);
    expect(first).toMatchObject({ reprocessed: 100, notReprocessed: 50 });
    expect(first.refusals[0]).toMatchObject({ videoId: 'video_0', code: 'CONFLICT' });
    const rest = await reprocessAll(deps, { projectId: 'p', after: first.endCursor }, anonymous);
    expect(rest).toMatchObject({ reprocessed: 66, notReprocessed: 34, endCursor: null });
    expect(new Set([...first.reprocessedIds, ...rest.reprocessedIds]).size).toBe(166);
    expect(asked.map(({ first: size }) => size)).toEqual([100, 50, 100]);
    expect(asked[0]?.filter?.status).toEqual(['READY', 'FAILED', 'STOPPED']);
  });

  it('leaves what is being made alone unless it is named', async () => {
    const { deps, asked } = withVideos();
    await reprocessAll(deps, { projectId: 'p', filter: { status: ['PROCESSING'] } }, anonymous);
    expect(asked[0]?.filter?.status).toEqual(['PROCESSING']);
  });
});
