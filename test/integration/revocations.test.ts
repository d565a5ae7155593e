import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { createRevocationStore } from '../../gateway/revocations/revocation-store.js';
import { createBroker } from '../../platform/kafka/broker.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { MAX_TOKEN_SECONDS, type OpenedClaims } from '../../platform/tokens.js';
import { PlaybackRevocation } from '../../schema/playback-revocation.js';
import { followRevocations } from '../../streamer/revocations.js';
import { quietLog, stackSetting, withTestDatabase } from '../support/test-database.js';

const brokers = stackSetting('KAFKA_BROKERS').split(',');
const broker = createBroker({ brokers, clientId: 'test', log: quietLog });

/** Nobody else's on this topic, which all tests share. */
const newKeyId = () => randomBytes(8).toString('hex');

const sealedWith = (keyId: string): OpenedClaims => ({
  ...{ purpose: 'media', videoId: 'video_a', generation: 1, expiresAt: new Date(), keyId },
});

async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(20);
}

async function withStreamers(count: number, work: (streamers: Streamer[]) => Promise<void>): Promise<void> {
  const streamers = Array.from({ length: count }, follow);
  try {
    for (const streamer of streamers) await eventually(() => streamer.isComplete());
    await work(streamers);
  } finally {
    await Promise.all(streamers.map((streamer) => streamer.close()));
  }
}

type Streamer = ReturnType<typeof follow>;
const follow = () => followRevocations({ broker, log: quietLog, registry: new Registry() });

async function withStore(
  work: (fixture: { db: Database; publisher: Publisher; clock: { now: number } }) => Promise<void>,
): Promise<void> {
  const publisher = broker.publisher();
  try {
    await withTestDatabase([PlaybackRevocation], (db) => work({ db, publisher, clock: { now: Date.now() } }));
  } finally {
    await publisher.close();
  }
}

describe('revocations', () => {
  it('reach every streamer, and those that start later; and end', () =>
    withStore(async ({ db, publisher, clock }) => {
      const store = createRevocationStore({ db, publisher, now: () => clock.now });
      const keyId = newKeyId();
      const claims = sealedWith(keyId);
      await withStreamers(2, async (streamers) => {
        expect(streamers.map((streamer) => streamer.isRevoked(claims))).toEqual([false, false]);
        expect(await store.add({ kind: 'key', keyId })).toBe(true);
        for (const streamer of streamers) await eventually(() => streamer.isRevoked(claims));
        expect(streamers.map((streamer) => streamer.isRevoked(sealedWith(newKeyId())))).toEqual([
          false,
          false,
        ]);
        await withStreamers(1, ([late]) => {
          expect(late?.isRevoked(claims)).toBe(true);
          return Promise.resolve();
        });
        expect(await store.sweep()).toBe(0);
        clock.now += MAX_TOKEN_SECONDS * 1000;
        expect(await store.sweep()).toBe(1);
        for (const streamer of streamers) await eventually(() => !streamer.isRevoked(claims));
      });
      expect(await db.model(PlaybackRevocation).countDocuments()).toBe(0);
    }));

  it('are announced once Kafka can be reached', () =>
    withStore(async ({ db, publisher, clock }) => {
      let isUp = false;
      const flaky: Pick<Publisher, 'publish'> = {
        publish: (...message) => (isUp ? publisher.publish(...message) : Promise.resolve(false)),
      };
      const store = createRevocationStore({ db, publisher: flaky, now: () => clock.now });
      const keyId = newKeyId();
      await withStreamers(1, async ([streamer]) => {
        expect(await store.add({ kind: 'key', keyId })).toBe(false);
        expect(streamer?.isRevoked(sealedWith(keyId))).toBe(false);
        isUp = true;
        clock.now += 10_000;
        expect(await store.sweep()).toBe(1);
        await eventually(() => streamer?.isRevoked(sealedWith(keyId)) ?? false);
      });
    }));

  it('are announced again by a gateway that starts', () =>
    withStore(async ({ db, clock }) => {
      const sent: (string | null)[] = [];
      const publisher: Pick<Publisher, 'publish'> = {
        publish(_topic, messages) {
          sent.push(...messages.map(({ value }) => value));
          return Promise.resolve(true);
        },
      };
      const store = createRevocationStore({ db, publisher, now: () => clock.now });
      await store.add({ kind: 'session', videoId: 'video_a', sessionId: 's' });
      await store.announceAll();
      expect(await store.sweep()).toBe(1);
      expect(sent).toHaveLength(2);
      expect(sent[1]).toBe(sent[0]);
    }));
});
