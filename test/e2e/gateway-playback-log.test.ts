import { describe, expect, it } from '@jest/globals';
import { storeSession } from '../support/played-sessions.js';
import { ask } from './gateway-client.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const sessionsQuery = `query ($id: ID!, $first: Int, $after: String) {
  video(id: $id) {
    views
    playbackSessions(first: $first, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges { node { id sessionId userId address userAgent firstSeenAt lastSeenAt viewed bytes seconds rebuffers
        startupMs renditions { name bytes seconds } } }
    }
  }
}`;
interface SessionsAnswer {
  video: {
    views: number;
    playbackSessions: {
      pageInfo: { hasNextPage: boolean; endCursor: string };
      edges: { node: Record<string, unknown> }[];
    };
  };
}

const statsQuery = `query ($id: ID!, $from: LocalDate!, $to: LocalDate!) {
  project(id: $id) {
    playbackStats(range: { from: $from, to: $to }) {
      views bytes watchedSeconds meanStartupMs rebufferRatio
      renditions { name views bytes watchedSeconds }
      days { day views viewers meanStartupMs rebufferRatio renditions { name viewers } }
    }
  }
}`;

const day = (daysAgo: number): string =>
  new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);

const askStats = ({ url, tenant }: GatewayFixture, range: { from: string; to: string }) =>
  ask<{ project: { playbackStats: Record<string, unknown> & { days: Record<string, unknown>[] } } }>(
    { url, key: tenant.key },
    statsQuery,
    { id: tenant.projectId, ...range },
  );

describe('what was played', () => {
  it('is told of each video of a page, and session by session', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, url, tenant } = fixture;
      const { key, ...place } = tenant;
      const [videoId, other] = [await storeVideo(db, place), await storeVideo(db, place)];
      const now = Date.now();
      // Two of them began at the same moment.
      const begun = [now - 1_000, now - 1_000, now - 2_000, now - 3_000];
      for (const [index, time] of begun.entries()) {
        const who = { userId: `user ${index}`, sessionId: `session_${index}`, address: '192.0.2.0/24' };
        const change = { ...place, ...who, videoId, firstSeenAt: new Date(time), viewed: index > 0 };
        await storeSession(db, change);
      }
      const seen: unknown[] = [];
      let after: string | undefined;
      do {
        const asked = { id: videoId, first: 1, after };
        const { data } = await ask<SessionsAnswer>({ url, key }, sessionsQuery, asked);
        const { views, playbackSessions: page } = data?.video ?? ({} as SessionsAnswer['video']);
        expect(views).toBe(3);
        seen.push(...page.edges.map(({ node }) => node));
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined;
      } while (after !== undefined);
      expect(seen).toHaveLength(4);
      expect(seen.slice(2)).toMatchObject([
        { userId: 'user 2', firstSeenAt: new Date(now - 2_000).toISOString() },
        { userId: 'user 3', sessionId: 'session_3', address: '192.0.2.0/24', viewed: true, startupMs: null },
      ]);
      const { data, errors } = await ask<{ videos: { edges: { node: { id: string; views: number } }[] } }>(
        { url, key },
        'query ($id: ID!) { videos(projectId: $id) { edges { node { id views } } } }',
        { id: place.projectId },
      );
      expect(errors).toBeUndefined();
      const views = new Map(data?.videos.edges.map(({ node }) => [node.id, node.views]));
      expect([views.get(videoId), views.get(other)]).toEqual([3, 0]);
      const bad = await ask<SessionsAnswer>({ url, key }, sessionsQuery, { id: videoId, after: 'x' });
      expect(bad.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
    }));

  it('is summed up by day and rendition, also on days without any', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const { key: _, ...place } = tenant;
      const videoId = await storeVideo(db, place);
      const yesterday = new Date(`${day(1)}T12:00:00Z`);
      const of = { ...place, videoId, viewer: 'same' };
      const told = { startupMs: 300, rebufferMs: 1_000, playedMs: 3_000 };
      await storeSession(db, { ...of, firstSeenAt: yesterday }, { startupMs: 300 });
      await storeSession(db, { ...of, firstSeenAt: new Date() }, told);
      const { data, errors } = await askStats(fixture, { from: day(3), to: day(0) });
      expect(errors).toBeUndefined();
      const none = { views: 0, viewers: 0, meanStartupMs: null, rebufferRatio: null, renditions: [] };
      const some = { views: 1, viewers: 1, meanStartupMs: 300, renditions: [{ name: '360p', viewers: 1 }] };
      expect(data?.project.playbackStats).toEqual({
        ...{ views: 2, bytes: 2_000, watchedSeconds: 16, meanStartupMs: 300, rebufferRatio: 0.25 },
        renditions: [{ name: '360p', views: 2, bytes: 2_000, watchedSeconds: 16 }],
        days: [
          { day: day(3), ...none },
          { day: day(2), ...none },
          { day: day(1), ...some, rebufferRatio: null },
          { day: day(0), ...some, rebufferRatio: 0.25 },
        ],
      });
    }));

  it('is told of a year at a time, and of days that there are', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const year = await askStats(fixture, { from: '2024-01-01', to: '2024-12-31' });
      expect(year.data?.project.playbackStats.days).toHaveLength(366);
      const bad = [
        { from: '2024-01-01', to: '2025-01-01' },
        { from: '2024-01-02', to: '2024-01-01' },
      ];
      for (const range of bad) {
        const { errors } = await askStats(fixture, range);
        expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'range' });
      }
      const { errors } = await askStats(fixture, { from: '2026-02-30', to: '2026-03-01' });
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }));
});
