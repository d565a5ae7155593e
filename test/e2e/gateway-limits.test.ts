import { describe, expect, it } from '@jest/globals';
import { AuditEntry } from '../../schema/audit-entry.js';
import { newId } from '../../schema/ids.js';
import { Video } from '../../schema/video.js';
import {
  answerTo,
  ask,
  askOverSocket,
  beginUpload,
  connect,
  END_OF_UPLOAD,
  type GraphqlAnswer,
  upload,
} from './gateway-client.js';
import { createKey, createTenant, eventually, type GatewayFixture, withGateway } from './gateway-fixture.js';

const film = (bytes: number) => ({ bytes: Buffer.alloc(bytes, 'film\0'), name: 'film.mp4' });

const setLimits = (
  { url, adminKey: key, tenant }: GatewayFixture,
  input: Record<string, number | null>,
  id = tenant.organizationId,
): Promise<GraphqlAnswer<unknown>> =>
  ask(
    { url, key },
    `mutation ($id: ID!, $input: OrganizationLimitsInput!) {
      setOrganizationLimits(id: $id, input: $input) { id limits { storedBytes subscriptions minutesPerMonth } }
    }`,
    { id, input },
  );

interface Seen {
  viewer: { organization: { usage: Record<string, number>; limits: Record<string, number | null> } | null };
}

async function seenBy({ url }: GatewayFixture, key: string) {
  const limits = 'storedBytes minutesPerMonth simultaneousUploads subscriptions requestsPerSecond';
  const query = `{ viewer { organization {
    usage { storedBytes minutesThisMonth uploadsNow } limits { ${limits} } } } }`;
  return ask<Seen>({ url, key }, query);
}

const readerOf = ({ db, tenant: { organizationId } }: GatewayFixture) =>
  createKey(db, { scopes: ['organization:read'], organizationId });

const send = ({ url, tenant }: GatewayFixture, bytes: number) =>
  upload({ url, key: tenant.key }, { projectId: tenant.projectId }, film(bytes));

const exceeded = (details: Record<string, unknown>) => [
  { extensions: { code: 'QUOTA_EXCEEDED', ...details } },
];

async function nothingElseIsLeft({ db, blobs }: GatewayFixture, videos: number): Promise<boolean> {
  let names = 0;
  for await (const _ of blobs.list('')) names += 1;
  return names === videos && (await db.model(Video).countDocuments()) === videos;
}

describe('the limits of an organization', () => {
  it('are set by administrators, all of them at once, and entered in the audit log', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const id = tenant.organizationId;
      expect(await setLimits(fixture, { storedBytes: 2 ** 40, subscriptions: 5 })).toMatchObject({
        data: {
          setOrganizationLimits: {
            id,
            limits: { storedBytes: 2 ** 40, subscriptions: 5, minutesPerMonth: null },
          },
        },
      });
      await setLimits(fixture, { minutesPerMonth: 0.5, subscriptions: null });
      const { data } = await seenBy(fixture, await readerOf(fixture));
      expect(data?.viewer.organization?.limits).toEqual({
        ...{ storedBytes: null, minutesPerMonth: 0.5, simultaneousUploads: null },
        ...{ subscriptions: null, requestsPerSecond: null },
      });
      const entries = await db.model(AuditEntry).find({ action: 'setOrganizationLimits' }).lean();
      expect(entries).toMatchObject([
        { target: id, result: 'OK' },
        { target: id, result: 'OK' },
      ]);
    }));

  it('may be refused: what is not one, no such organization, no administrator', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const code = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions;
      expect(code(await setLimits(fixture, { storedBytes: -1 }))).toMatchObject({
        ...{ code: 'BAD_USER_INPUT', field: 'storedBytes' },
      });
      expect(code(await setLimits(fixture, { requestsPerSecond: 0 }))).toMatchObject({
        code: 'BAD_USER_INPUT',
      });
      expect(code(await setLimits(fixture, {}, newId('org')))).toEqual({ code: 'NOT_FOUND' });
      const { tenant } = fixture;
      const other = { ...fixture, adminKey: await readerOf(fixture) };
      expect(code(await setLimits(other, { storedBytes: 1 }))).toMatchObject({ code: 'FORBIDDEN' });
      expect(code(await setLimits({ ...fixture, adminKey: tenant.key }, {}))).toMatchObject({
        code: 'FORBIDDEN',
      });
    }));

  it('and its use are for those who may read the organization', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const { data } = await seenBy(fixture, await readerOf(fixture));
      expect(data?.viewer.organization?.usage).toEqual({
        ...{ storedBytes: 0, minutesThisMonth: 0, uploadsNow: 0 },
      });
      const ofProject = await createKey(db, { ...tenant, scopes: ['organization:read'] });
      for (const key of [tenant.key, ofProject]) {
        const refused = await seenBy(fixture, key);
        expect(refused.data?.viewer.organization ?? null).toBeNull();
        expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
      }
    }));
});

describe('uploads over a limit', () => {
  it('end where they pass what is left of the storage, and leave nothing', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      await setLimits(fixture, { storedBytes: 400_000 });
      expect((await send(fixture, 300_000)).errors).toBeUndefined();
      const { errors } = await send(fixture, 300_000);
      expect(errors).toMatchObject(exceeded({ limit: 'storedBytes', max: 400_000, used: 300_000 }));
      expect(await nothingElseIsLeft(fixture, 1)).toBe(true);
      expect((await send(fixture, 100_000)).errors).toBeUndefined();
      const { data } = await seenBy(fixture, await readerOf(fixture));
      expect(data?.viewer.organization?.usage).toMatchObject({ storedBytes: 400_000, uploadsNow: 0 });
      expect((await send(fixture, 1)).errors).toMatchObject(exceeded({ used: 400_000 }));
      expect(await nothingElseIsLeft(fixture, 2)).toBe(true);
    }));

  it('are refused before they are read where they say how large they are', () =>
    withGateway({ kafka: 'silent', maxUploadBytes: 1024 ** 3 }, async (fixture) => {
      await setLimits(fixture, { storedBytes: 1024 ** 2 });
      const sending = beginUpload(fixture, { 'content-length': String(500 * 1024 ** 2) });
      sending.on('error', () => undefined);
      expect(await answerTo(sending)).toMatchObject({ errors: exceeded({ limit: 'storedBytes', used: 0 }) });
      sending.destroy();
      expect(await nothingElseIsLeft(fixture, 0)).toBe(true);
    }));

  it('wait for others to end where there are too many at once', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      await setLimits(fixture, { simultaneousUploads: 1 });
      const sending = beginUpload(fixture);
      await eventually(async () => (await fixture.db.model(Video).countDocuments()) === 1);
      const { errors } = await send(fixture, 10);
      expect(errors).toMatchObject(exceeded({ limit: 'simultaneousUploads', max: 1, used: 1 }));
      const { data } = await seenBy(fixture, await readerOf(fixture));
      expect(data?.viewer.organization?.usage).toMatchObject({ uploadsNow: 1 });
      sending.end(END_OF_UPLOAD);
      expect((await answerTo(sending)).errors).toBeUndefined();
      expect((await send(fixture, 10)).errors).toBeUndefined();
    }));

  it('are refused once the minutes of the month are used', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db } = fixture;
      await setLimits(fixture, { minutesPerMonth: 1 });
      const { data } = await send(fixture, 10);
      await db
        .model(Video)
        .updateOne({ _id: data?.uploadVideo.id }, { $set: { 'source.durationSeconds': 90 } });
      expect((await send(fixture, 10)).errors).toMatchObject(
        exceeded({ limit: 'minutesPerMonth', max: 1, used: 1.5 }),
      );
      const other = await createTenant(db);
      expect((await send({ ...fixture, tenant: other }, 10)).errors).toBeUndefined();
    }));
});

describe('subscriptions over a limit', () => {
  it('are refused until one ends', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      await setLimits(fixture, { subscriptions: 1 });
      const { url, tenant, db } = fixture;
      const variables = { id: tenant.projectId };
      const query = 'subscription ($id: ID!) { projectProgress(projectId: $id) { videoId } }';
      const first = connect({ url, key: tenant.key });
      const second = connect({ url, key: await createKey(db, { ...tenant, scopes: ['video:read'] }) });
      first.subscribe(
        { query, variables },
        { next: () => undefined, error: fail, complete: () => undefined },
      );
      const metrics = async () => (await fetch(`${url}/metrics`)).text();
      await eventually(async () => (await metrics()).includes('stream_plus_subscriptions 1'));

      const refused = await askOverSocket(second, query, variables);
      expect(refused).toMatchObject({ errors: exceeded({ limit: 'subscriptions', max: 1 }) });
      expect(await metrics()).toContain('stream_plus_subscriptions 1');
      await first.dispose();
      await eventually(async () => (await metrics()).includes('stream_plus_subscriptions 0'));
      second.subscribe(
        { query, variables },
        { next: () => undefined, error: fail, complete: () => undefined },
      );
      await eventually(async () => (await metrics()).includes('stream_plus_subscriptions 1'));
      await second.dispose();
    }));
});

function fail(error: unknown): void {
  throw error instanceof Error ? error : new Error(JSON.stringify(error));
}
