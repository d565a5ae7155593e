import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { quietLog } from '../test/support/test-database.js';
import { AppError } from '../schema/errors.js';
import { createPublicVideos } from './public-videos.js';
import type { PlayableVideo } from './video-store.js';

function world() {
  const state = { now: 0, policy: 'PUBLIC' as 'PUBLIC' | 'SIGNED', isDown: false, asked: 0 };
  const publicVideos = createPublicVideos({
    videos: {
      findPlayable(id) {
        state.asked += 1;
        if (state.isDown) return Promise.reject(new AppError('UNAVAILABLE'));
        return Promise.resolve({ _id: id, project: { playbackPolicy: state.policy } } as PlayableVideo);
      },
    },
    log: quietLog,
    stopping: new AbortController().signal,
    now: () => state.now,
  });
  const find = () => publicVideos.find('video_a', new AbortController().signal);
  return { state, publicVideos, find };
}

describe('public videos', () => {
  it('are asked for once in some seconds, however many want them', async () => {
    const { state, find } = world();
    expect((await Promise.all([find(), find(), find()])).map((video) => video?._id)).toEqual(
      Array<string>(3).fill('video_a'),
    );
    await find();
    expect(state.asked).toBe(1);
    state.now += 5_000;
    await find();
    expect(state.asked).toBe(2);
  });

  it('are private within 5 seconds of their project being so', async () => {
    const { state, publicVideos, find } = world();
    await find();
    expect(publicVideos.isPrivate('video_a')).toBe(false);
    state.policy = 'SIGNED';
    state.now += 5_000;
    publicVideos.isPrivate('video_a');
    await turn();
    expect(publicVideos.isPrivate('video_a')).toBe(true);
    expect(await find()).toBeUndefined();
  });

  it('stay what they were while the database does not answer', async () => {
    const { state, publicVideos, find } = world();
    await find();
    state.isDown = true;
    state.now += 5_000;
    expect((await find())?._id).toBe('video_a');
    state.now += 5_000;
    publicVideos.isPrivate('video_a');
    await turn();
    expect(publicVideos.isPrivate('video_a')).toBe(false);
    await expect(world().find()).resolves.toBeDefined();
  });

  it('are not known where the database has never answered', async () => {
    const { state, find } = world();
    state.isDown = true;
    await expect(find()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
