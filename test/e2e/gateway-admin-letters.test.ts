import { describe, expect, it } from '@jest/globals';
import { AuditEntry } from '../../schema/audit-entry.js';
import { DeadLetter } from '../../schema/dead-letter.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { storeLetter } from './gateway-admin-data.js';
import { ask, type GraphqlAnswer } from './gateway-client.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

interface Listed {
  deadLetters: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

const listQuery = `query ($first: Int, $after: String, $filter: DeadLetterFilter) {
  deadLetters(first: $first, after: $after, filter: $filter) {
    edges { node { id } } pageInfo { hasNextPage endCursor } } }`;
const replayMutation = 'mutation ($id: ID!) { replayDeadLetter(id: $id) { id generation status } }';
const discardMutation = 'mutation ($id: ID!) { discardDeadLetter(id: $id) { id state decidedAt } }';
const bulkMutation = `mutation ($filter: DeadLetterFilter) { replayDeadLetters(filter: $filter) {
  replayed notReplayed endCursor refusals { id videoId code message } } }`;

const asAdmin =
  ({ url, adminKey: key }: GatewayFixture) =>
  <T>(operation: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer<T>> =>
    ask<T>({ url, key }, operation, variables);

/** A video that failed, with its dead letter. */
async function storeFailure({ db, tenant }: GatewayFixture, change: Partial<DeadLetter> = {}) {
  const error = { code: 'INTERNAL', message: 'Processing failed on our side.', retryable: true };
  const videoId = await storeVideo(db, tenant, { status: 'FAILED', error, endedAt: new Date() });
  return { videoId, id: await storeLetter(db, { videoId, ...change }) };
}

describe('the list of dead letters', () => {
  it('has the open ones, the newest first, or those of a filter', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db } = fixture;
      const send = asAdmin(fixture);
      const list = async (variables: Record<string, unknown> = {}) => {
        const { data, errors } = await send<Listed>(listQuery, variables);
        if (!data) throw new Error(JSON.stringify(errors));
        return data.deadLetters;
      };
      const ids = async (filter?: Record<string, unknown>) =>
        (await list({ filter })).edges.map(({ node }) => node.id);
      const first = await storeLetter(db, { videoId: 'video_a' });
      const second = await storeLetter(db, { code: 'BAD_MESSAGE' });
      const third = await storeLetter(db, { videoId: 'video_b', code: 'WORKER_LOST' });
      const discarded = await storeLetter(db, { state: 'DISCARDED', videoId: 'video_a' });

      expect(await ids()).toEqual([third, second, first]);
      expect(await ids({ code: 'BAD_MESSAGE' })).toEqual([second]);
      expect(await ids({ videoId: 'video_a' })).toEqual([first]);
      expect(await ids({ state: null })).toEqual([discarded, third, second, first]);
      expect(await ids({ state: 'DISCARDED', code: 'WORKER_LOST' })).toEqual([]);
      const page = await list({ first: 2 });
      expect(page.pageInfo.hasNextPage).toBe(true);
      const rest = await list({ first: 2, after: page.pageInfo.endCursor });
      expect(rest).toMatchObject({ edges: [{ node: { id: first } }], pageInfo: { hasNextPage: false } });
      expect((await send(listQuery, { filter: { code: '' } })).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'code' } },
      ]);
    }));
});

describe('a replay', () => {
  it('begins a new generation once, however often and at whatever time it is asked for', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db } = fixture;
      const { id, videoId } = await storeFailure(fixture);
      const replay = () => asAdmin(fixture)(replayMutation, { id });
      const begun = { replayDeadLetter: { id: videoId, generation: 2, status: 'QUEUED' } };
      const answers = [...(await Promise.all([replay(), replay(), replay()])), await replay()];
      for (const { data, errors } of answers) expect([data, errors]).toEqual([begun, undefined]);
      expect(await db.model(Job).find({ videoId }).lean()).toMatchObject([
        { kind: 'PLAN', state: 'QUEUED', generation: 2 },
      ]);
      const letter = await db.model(DeadLetter).findById(id).lean<DeadLetter>();
      expect(letter).toMatchObject({ state: 'REPLAYED', replayedAs: 2 });

      await db.model(Video).updateOne({ _id: videoId }, { $set: { status: 'READY' } });
      expect((await replay()).data).toEqual({
        replayDeadLetter: { ...begun.replayDeadLetter, status: 'READY' },
      });
    }));

  it('is refused where it makes no sense, and changes nothing', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const replay = (id: string) => asAdmin(fixture)(replayMutation, { id });
      const conflict = (status?: string) => [{ extensions: { code: 'CONFLICT', ...(status && { status }) } }];
      const message = await storeLetter(db, { code: 'BAD_MESSAGE', generation: undefined });
      const discarded = await storeFailure(fixture, { state: 'DISCARDED' });
      const ready = await storeVideo(db, tenant, { status: 'READY' });
      const outdated = await storeLetter(db, { videoId: ready });
      const orphan = await storeLetter(db, { videoId: 'video_gone' });
      expect((await replay(message)).errors).toMatchObject(conflict());
      expect((await replay(discarded.id)).errors).toMatchObject(conflict('DISCARDED'));
      expect((await replay(outdated)).errors).toMatchObject(conflict('READY'));
      for (const id of [orphan, 'dead_unknown'])
        expect((await replay(id)).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
      expect(await db.model(Job).countDocuments()).toBe(0);
      expect((await db.model(DeadLetter).findById(outdated).lean())?.state).toBe('OPEN');
    }));

  it('of a whole filter tells what was replayed and what not, and why', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const failures = [
        await storeFailure(fixture),
        await storeFailure(fixture),
        await storeFailure(fixture),
      ];
      const other = await storeFailure(fixture, { code: 'MEDIA_TRUNCATED' });
      await storeLetter(db, { code: 'BAD_MESSAGE' });
      const ready = await storeVideo(db, tenant, { status: 'READY' });
      const outdated = await storeLetter(db, { videoId: ready });

      const send = asAdmin(fixture);
      const { data } = await send(bulkMutation, { filter: { code: 'INTERNAL' } });
      expect(data).toMatchObject({
        replayDeadLetters: {
          ...{ replayed: 3, notReplayed: 1, endCursor: null },
          refusals: [{ id: outdated, videoId: ready, code: 'CONFLICT' }],
        },
      });
      const again = await db.model(Video).find({ generation: 2 }).distinct('_id');
      expect(again.toSorted()).toEqual(failures.map(({ videoId }) => videoId).toSorted());
      const untouched = await db.model(DeadLetter).findById(other.id).lean();
      expect(untouched?.state).toBe('OPEN');
      expect((await send(bulkMutation)).data).toMatchObject({
        replayDeadLetters: { replayed: 1, notReplayed: 1 },
      });
      expect((await send(bulkMutation, { filter: { state: 'REPLAYED' } })).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'state' } },
      ]);
      const entries = await db
        .model(AuditEntry)
        .find({ action: 'replayDeadLetters' })
        .sort({ _id: 1 })
        .lean();
      expect(entries.map(({ result }) => result)).toEqual(['OK', 'OK', 'BAD_USER_INPUT']);
      expect(entries[0]?.details).toMatchObject({ filter: { code: 'INTERNAL' }, notReplayed: 1 });
    }));
});

describe('a discarded dead letter', () => {
  it('is off the list, leaves its video as it is, and stays discarded', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db } = fixture;
      const { id, videoId } = await storeFailure(fixture);
      const send = asAdmin(fixture);
      const { data } = await send<{ discardDeadLetter: { decidedAt: string } }>(discardMutation, { id });
      expect(data?.discardDeadLetter).toMatchObject({ id, state: 'DISCARDED' });
      expect((await send(discardMutation, { id })).data).toEqual(data);
      expect((await db.model(Video).findById(videoId).lean())?.status).toBe('FAILED');
      expect((await send<Listed>(listQuery)).data?.deadLetters.edges).toEqual([]);
      const replayed = await storeFailure(fixture);
      await send(replayMutation, { id: replayed.id });
      expect((await send(discardMutation, { id: replayed.id })).errors).toMatchObject([
        { extensions: { code: 'CONFLICT', status: 'REPLAYED' } },
      ]);
      expect((await send(discardMutation, { id: 'dead_unknown' })).errors).toMatchObject([
        { extensions: { code: 'NOT_FOUND' } },
      ]);
    }));
});
