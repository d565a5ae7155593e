import { describe, expect, it } from '@jest/globals';
import { createDayClosing } from '../../gateway/playback-log/day-closing.js';
import { createPlaybackStatsStore } from '../../gateway/playback-log/playback-stats-store.js';
import { meanStartupMs, rebufferRatio } from '../../gateway/playback-log/playback-stats.js';
import { createViewerRemoval } from '../../gateway/playback-log/viewer-removal.js';
import type { Database } from '../../platform/mongo.js';
import { DeletedVideo } from '../../schema/deleted-video.js';
import { newId } from '../../schema/ids.js';
import { ClosedDay, PlaybackDay, VideoDay } from '../../schema/playback-day.js';
import { PlaybackSession } from '../../schema/playback-session.js';
import { storeSession } from '../support/played-sessions.js';
import { withTestDatabase } from '../support/test-database.js';

const HOUR_MS = 3_600_000;
const ids = { organizationId: newId('org'), projectId: newId('project') };
const [filmA, filmB] = [newId('video'), newId('video')];
const at = (text: string) => new Date(`2026-03-${text}:00Z`);

const withDays = (work: (db: Database) => Promise<void>): Promise<void> =>
  withTestDatabase([PlaybackSession, PlaybackDay, VideoDay, ClosedDay, DeletedVideo], work);

/** What was played on the 1st and on the 2nd of March. */
async function storeDays(db: Database): Promise<void> {
  const of = { ...ids, videoId: filmA };
  const anna = { ...of, viewer: 'anna', userId: 'anna' };
  const renditions = [
    { name: '360p', bytes: 400, seconds: 4 },
    { name: '720p', bytes: 1_600, seconds: 6 },
  ];
  const told = { startupMs: 400, rebuffers: 1, rebufferMs: 500, playedMs: 9_500 };
  const two = { renditions, bytes: 2_000, seconds: 10, ...told };
  await storeSession(db, { ...anna, firstSeenAt: at('01T10:00') }, two);
  await storeSession(db, { ...anna, firstSeenAt: at('01T23:59'), videoId: filmB }, { startupMs: 600 });
  await storeSession(db, { ...of, firstSeenAt: at('01T12:00') });
  const none = { bytes: 50, seconds: 0, renditions: [] };
  await storeSession(db, { ...of, firstSeenAt: at('01T13:00'), viewed: false }, none);
  await storeSession(db, { ...anna, firstSeenAt: at('02T00:00') }, { rebufferMs: 2_000 });
  const elsewhere = { ...of, projectId: newId('project'), videoId: newId('video') };
  await storeSession(db, { ...elsewhere, firstSeenAt: at('01T12:00') }, { bytes: 7 });
}

const figures = (day: PlaybackDay | undefined) =>
  day && {
    ...{ views: day.views, viewers: day.viewers, bytes: day.bytes, watchedSeconds: day.watchedSeconds },
    ...{ startup: meanStartupMs(day), rebuffering: rebufferRatio(day), renditions: day.renditions },
  };

const range = { from: '2026-02-28', to: '2026-03-03' };
const firstOfMarch = {
  ...{ views: 3, viewers: 2, bytes: 4_050, watchedSeconds: 26, startup: 500, rebuffering: 0.05 },
  renditions: [
    { name: '360p', views: 3, viewers: 2, bytes: 2_400, watchedSeconds: 20 },
    { name: '720p', views: 1, viewers: 1, bytes: 1_600, watchedSeconds: 6 },
  ],
};

describe('the figures of a day', () => {
  it('are those of its sessions, and the same when these are gone', () =>
    withDays(async (db) => {
      await storeDays(db);
      const clock = { now: at('03T11:00').getTime() };
      const stats = createPlaybackStatsStore({ db, now: () => clock.now });
      const close = createDayClosing({ db, now: () => clock.now });

      const live = await stats.days(ids.projectId, range);
      expect(live.map(({ day }) => day)).toEqual(['2026-02-28', '2026-03-01', '2026-03-02', '2026-03-03']);
      expect(figures(live[1])).toEqual(firstOfMarch);
      // What it played is not told: what was sent, 8 seconds, stands in.
      expect(figures(live[2])).toMatchObject({ views: 1, viewers: 1, startup: null, rebuffering: 0.2 });
      expect(figures(live[3])).toEqual({
        ...{ views: 0, viewers: 0, bytes: 0, watchedSeconds: 0, startup: null, rebuffering: null },
        renditions: [],
      });
      expect(await stats.viewsOf([filmB, filmA, newId('video')])).toEqual([1, 3, 0]);

      // Its last session may go on until the end of the second, and be stored late.
      expect(await close()).toBe(0);
      clock.now = at('03T12:00').getTime();
      expect(await close()).toBe(1);
      expect(await close()).toBe(0);
      clock.now = at('04T12:00').getTime();
      expect(await Promise.all([close(), close()])).toEqual([1, 1]);
      await db.model(PlaybackSession).deleteMany({});
      clock.now = at('06T00:00').getTime();
      const closed = await stats.days(ids.projectId, range);
      expect(closed.map(figures)).toEqual(live.map(figures));
      expect(await stats.viewsOf([filmB, filmA, newId('video')])).toEqual([1, 3, 0]);
    }));

  it('come to the same where who sums them up dies and another goes on', () =>
    withDays(async (db) => {
      await storeDays(db);
      const clock = { now: at('05T12:00').getTime() };
      const close = createDayClosing({ db, now: () => clock.now });
      expect([await close(), await close(), await close()]).toEqual([1, 1, 0]);
      const before = await db.model(PlaybackDay).find().sort({ _id: 1 }).lean();
      expect(before).toHaveLength(3);
      await db.model(ClosedDay).deleteMany({});
      await db.model(PlaybackDay).deleteMany({ projectId: ids.projectId });
      expect([await close(), await close(), await close()]).toEqual([1, 1, 0]);
      expect(await db.model(PlaybackDay).find().sort({ _id: 1 }).lean()).toEqual(before);
    }));
});

describe('a video that is purged', () => {
  it('takes with it who watched it, but not how much', () =>
    withDays(async (db) => {
      const told = { userId: 'u', sessionId: 's', address: '192.0.2.0/24', referrerHost: 'example.com' };
      const firstSeenAt = at('01T10:00');
      for (const videoId of [filmA, filmB]) await storeSession(db, { ...ids, videoId, firstSeenAt, ...told });
      await createDayClosing({ db, now: () => at('05T12:00').getTime() })();
      const purgedAt = at('06T00:00');
      const gone = { _id: filmA, ...ids, deletedAt: purgedAt, purgeAt: purgedAt, purgedAt, usage: {} };
      await db.model(DeletedVideo).create(gone);
      const clock = { now: purgedAt.getTime() };
      const remove = createViewerRemoval({ db, now: () => clock.now });
      // A streamer may have something of it yet.
      expect(await remove()).toBe(0);
      clock.now += HOUR_MS;
      expect(await remove()).toBe(1);
      expect(await remove()).toBe(0);
      const left = await db.model(PlaybackSession).find().lean<PlaybackSession[]>();
      const ofA = left.find(({ videoId }) => videoId === filmA);
      expect(Object.keys(told).filter((name) => name in (ofA ?? {}))).toEqual([]);
      expect(ofA).toMatchObject({ viewed: true, parts: { p: { seconds: 8, bytes: 1_000 } } });
      expect(left.find(({ videoId }) => videoId === filmB)).toMatchObject(told);
      expect(await db.model(VideoDay).distinct('videoId')).toEqual([filmB]);
      expect(await db.model(PlaybackDay).findOne().lean<PlaybackDay>()).toMatchObject({ views: 2 });
    }));
});
