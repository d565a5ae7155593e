import { describe, expect, it } from '@jest/globals';
import { createSuccession } from '../../processor/publish/succession.js';
import { BlobRemoval } from '../../schema/blob-removal.js';
import { VideoStatus } from '../../schema/enums.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { failed, type GenerationsFixture, stopped, withGenerations } from '../support/generations-fixture.js';

const rendition = {
  name: '240p',
  width: 320,
  height: 240,
  codecs: 'a',
  bandwidthBps: 1,
  averageBandwidthBps: 1,
};
const made = { playableSeconds: 12, renditions: [rendition] };

/** What a test does to one video. */
function actsOn({ db, generations, tracker }: GenerationsFixture, videoId: string) {
  const at = (generation: number) => ({ videoId, generation });
  const succeed = createSuccession({ db, graceSeconds: 3_600 });
  return {
    video: async () => (await db.model(Video).findById(videoId).lean<Video>()) ?? ({} as Video),
    finish: (generation: number) =>
      db.transaction(async (session) => {
        const video = await tracker.ready(at(generation), made, session);
        return video && succeed(video, session);
      }),
    reprocess: (generation: number, how = {}) =>
      db.transaction(async (session) => {
        const begun = await generations.reprocess(at(generation), how, session);
        // As who asks for it does: what was stopped for it must go on.
        if (!begun) throw new Error('too late');
        return begun;
      }),
    end: (generation: number, how: typeof failed | typeof stopped) =>
      db.transaction((session) => generations.end(at(generation), how, session)),
    grows: (generation: number) =>
      tracker.published(at(generation), { playableSeconds: 4, renditions: [{ ...rendition, name: '360p' }] }),
    removals: () => db.model(BlobRemoval).find().sort({ _id: 1 }).lean<BlobRemoval[]>(),
  };
}

describe('a video that is made anew', () => {
  it('plays what was READY until the new generation is, which then takes its place', () =>
    withGenerations(async (fixture) => {
      const { videoId } = await fixture.addVideo();
      const { video, finish, reprocess, grows, removals } = actsOn(fixture, videoId);
      await finish(1);
      const { readyAt } = await video();
      const begun = await reprocess(1, { heights: [240], priority: 'HIGH' });
      expect(begun.hasReplaced).toBe(false);
      const served = { generation: 1, renditions: [rendition], playableSeconds: 12, readyAt };
      const during = { generation: 2, playable: true, renditions: [rendition], served };
      expect(await video()).toMatchObject({ ...during, status: 'QUEUED', heights: [240], priority: 'HIGH' });

      await grows(2);
      const growing = await video();
      expect(growing).toMatchObject({ ...during, status: 'PROCESSING', progress: { playableSeconds: 4 } });
      expect(growing.playableAt).toBeDefined();
      expect(await removals()).toEqual([]);

      await finish(2);
      const after = await video();
      expect(after).toMatchObject({ status: 'READY', generation: 2, playable: true });
      expect(after.served).toBeUndefined();
      const [removal, ...more] = await removals();
      expect(more).toEqual([]);
      expect(removal?._id).toBe(`${videoId}/1/`);
      expect(removal?.dueAt.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    }));

  it('plays on what was READY where the new generation fails or is stopped, however often', () =>
    withGenerations(async (fixture) => {
      const { videoId } = await fixture.addVideo();
      const { video, finish, reprocess, end, removals } = actsOn(fixture, videoId);
      await finish(1);
      for (const [generation, how] of [
        [2, failed],
        [3, stopped],
      ] as const) {
        await reprocess(generation - 1);
        await end(generation, how);
        expect(await video()).toMatchObject({
          ...{ generation, status: how.status, playable: true, renditions: [rendition] },
          ...{ served: { generation: 1 }, progress: { playableSeconds: 12, stage: 'DONE' } },
        });
      }
      await reprocess(3);
      // The one that is made is replaced in its turn: only what was READY is served.
      const { hasReplaced } = await reprocess(4);
      expect(hasReplaced).toBe(true);
      expect(await video()).toMatchObject({ generation: 5, served: { generation: 1 } });
      await finish(5);
      const ids = (await removals()).map(({ _id }) => _id);
      expect(ids).toEqual([1, 2, 3, 4].map((generation) => `${videoId}/${generation}/`));
    }));

  it('has nothing to play meanwhile where nothing was READY', () =>
    withGenerations(async (fixture) => {
      const { videoId } = await fixture.addVideo();
      const { video, reprocess, grows } = actsOn(fixture, videoId);
      await reprocess(1);
      const begun = await video();
      expect(begun).toMatchObject({ generation: 2, playable: false, renditions: [] });
      expect(begun.served).toBeUndefined();
      await grows(2);
      expect(await video()).toMatchObject({ playable: true, renditions: [{ name: '360p' }] });
    }));

  it('needs its source, and leaves everything as it is without', () =>
    withGenerations(async (fixture) => {
      const { videoId } = await fixture.addVideo({ sourceRemovedAt: new Date() });
      const { video, reprocess } = actsOn(fixture, videoId);
      await expect(reprocess(1)).rejects.toThrow('too late');
      expect(await video()).toMatchObject({ generation: 1, status: 'PROCESSING' });
    }));

  it('is one, however many ask at once, also at the moment when it ends', () =>
    withGenerations(async (fixture) => {
      for (let round = 0; round < 15; round += 1) {
        const { videoId } = await fixture.addVideo();
        const { video, reprocess, finish, end } = actsOn(fixture, videoId);
        const ending = round % 3 === 2 ? end(1, stopped) : finish(1);
        const asked = await Promise.allSettled([reprocess(1), reprocess(1), reprocess(1)]);
        const ended = await ending;
        const begun = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
        expect(begun).toHaveLength(1);
        const { generation, status, served, playable } = await video();
        expect({ generation, status }).toEqual({ generation: 2, status: VideoStatus.QUEUED });
        // It is served exactly where the end came first and was READY.
        const isServed = ended?.status === VideoStatus.READY;
        expect({ served: served?.generation, playable }).toEqual({
          served: isServed ? 1 : undefined,
          playable: isServed,
        });
        expect(begun[0]?.hasReplaced).toBe(ended === undefined);
        const removal = await fixture.db.model(BlobRemoval).exists({ _id: `${videoId}/1/` });
        expect(removal === null).toBe(isServed);
        const jobs = await fixture.db.model(Job).find({ videoId }).lean<Job[]>();
        expect(jobs.map((job) => job.generation)).toEqual([2]);
      }
    }));
});
