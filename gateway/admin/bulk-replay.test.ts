import { describe, expect, it } from '@jest/globals';
import type { DeadLetter } from '../../schema/dead-letter.js';
import { AppError } from '../../schema/errors.js';
import type { Video } from '../../schema/video.js';
import { decodeCursor } from '../paging/cursor.js';
import { olderThan } from '../paging/newest-first.js';
import { replayAll } from './bulk-replay.js';

const letter = (n: number) => ({ _id: `dead_${n}`, videoId: `video_${n}` }) as DeadLetter;

/** Letters 20 to 1; every third one cannot be replayed. */
function withLetters() {
  const all = Array.from({ length: 20 }, (_, index) => letter(20 - index));
  let atOnce = 0;
  let mostAtOnce = 0;
  const letters = {
    listReplayable: async (_filter: object, args: { after?: string | null }, limit: number) => {
      const lastId = olderThan(args)._id?.$lt;
      const start = lastId === undefined ? 0 : all.findIndex(({ _id }) => _id === lastId) + 1;
      return Promise.resolve(all.slice(start, start + limit));
    },
  };
  const service = {
    async replay(id: string): Promise<Video> {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      await Promise.resolve();
      atOnce -= 1;
      const n = Number(id.slice(5));
      if (n % 3 === 0) throw n % 2 ? new Error('boom') : new AppError('CONFLICT', { status: 'READY' });
      return {} as Video;
    },
  };
  return { deps: { letters, service, maxLetters: 15 }, mostAtOnce: () => mostAtOnce };
}

describe('a replay of many dead letters', () => {
  it('replays each on its own, says why not, and goes on where it ended', async () => {
    const { deps, mostAtOnce } = withLetters();
    const first = await replayAll(deps, {});
    expect(first).toMatchObject({ replayed: 10, notReplayed: 5 });
    expect(first.refusals[0]).toEqual({
      ...{ id: 'dead_18', videoId: 'video_18', code: 'CONFLICT' },
      message: 'The current state does not allow this.',
    });
    expect(first.refusals[1]).toMatchObject({ id: 'dead_15', code: 'INTERNAL_SERVER_ERROR' });
    expect(first.refusals[1]?.message).not.toContain('boom');
    expect(decodeCursor(first.endCursor ?? '', 'ID_DESC').id).toBe('dead_6');

    const second = await replayAll(deps, { after: first.endCursor });
    expect(second).toMatchObject({ replayed: 4, notReplayed: 1, endCursor: null });
    expect(second.replayedIds).not.toContain('dead_6');
    expect(mostAtOnce()).toBe(8);
  });

  it('takes no letters that were decided', async () => {
    const refused = replayAll(withLetters().deps, { filter: { state: 'DISCARDED' } });
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'state' } });
  });
});
