import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Upload, type UploadOptions } from 'tus-js-client';
import { createGraphqlClient, type GraphqlClient } from '../../cli/graphql-client.js';
import { uploadResumable } from '../../cli/resumable-upload.js';
import { UploadSession } from '../../schema/upload-session.js';
import { seeded } from '../faults/seeded.js';
import { startBreakingRelay } from './breaking-relay.js';
import { eventually, withGateway } from './gateway-fixture.js';
import { filmBytes, findVideo, hangingPiece, sha256, ticketFor } from './gateway-tus.js';

interface Uppy {
  use(plugin: unknown, options: object): Uppy;
  addFile(file: object): void;
  upload(): Promise<{ successful?: unknown[]; failed?: unknown[] } | undefined>;
  destroy(): void;
}

/** Its types are for browsers, and would make a browser of every other file. */
async function createUppy(options: object): Promise<Uppy> {
  const load = (name: string): Promise<unknown> => import(name);
  const { Uppy } = (await load('@uppy/core')) as { Uppy: new () => Uppy };
  const { default: Tus } = (await load('@uppy/tus')) as { default: unknown };
  return new Uppy().use(Tus, options);
}

const BLOCK = 16 * 1024;
const BREAKS = 50;
const options = {
  tellsOwnUrl: true,
  uploadBlockBytes: BLOCK,
  kafka: 'silent' as const,
  maxUploadBytes: 8 * 1024 ** 2,
};

/** Sends bytes as an application would, and resolves once it is told that they have arrived. */
function sendAll(bytes: Buffer, how: UploadOptions): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      storeFingerprintForResuming: false,
      ...how,
      onError: reject,
      onSuccess: () => resolve(upload),
    });
    upload.start();
  });
}

/** The same client, whose uploads take the way over the relay. */
const throughRelay =
  (client: GraphqlClient, relayUrl: string): GraphqlClient['request'] =>
  async <T>(...args: Parameters<GraphqlClient['request']>) => {
    const text = JSON.stringify(await client.request<unknown>(...args));
    return JSON.parse(text.replace(/http:\/\/127\.0\.0\.1:\d+/, relayUrl)) as T;
  };

describe('clients of tus', () => {
  it(
    'get files in whole over connections that break',
    () =>
      withGateway(options, async ({ url, tenant, blobs }) => {
        const sender = { url, key: tenant.key };
        const random = seeded(7);
        const size = 160 * BLOCK + 77;
        await using relay = await startBreakingRelay(url, (breaks) =>
          breaks < BREAKS ? 500 + Math.floor(random() * 3 * BLOCK) : undefined,
        );
        const bytes = filmBytes(size);
        const ticket = await ticketFor(sender, { projectId: tenant.projectId, sizeBytes: size });
        await sendAll(bytes, {
          uploadUrl: ticket.uploadUrl.replace(url, relay.url),
          retryDelays: Array.from({ length: BREAKS }, () => 0),
        });
        expect(relay.breaks).toBe(BREAKS);
        const stored = await blobs.get(`${ticket.video.id}/source`);
        expect(sha256(stored ?? Buffer.alloc(0))).toBe(sha256(bytes));
        expect(await findVideo(sender, ticket.video.id)).toMatchObject({
          uploadStatus: 'RECEIVED',
          source: { sha256: sha256(bytes), sizeBytes: size },
        });
      }),
    120_000,
  );

  it(
    'go on at another gateway, in pieces, at once and with Uppy',
    () =>
      withGateway(options, async (fixture) => {
        const { url, tenant, blobs, db } = fixture;
        const sender = { url, key: tenant.key };
        const other = await fixture.another();
        const bytes = filmBytes(20 * BLOCK + 5);
        const ticket = await ticketFor(sender, { projectId: tenant.projectId, sizeBytes: bytes.length });
        const elsewhere = ticket.uploadUrl.replace(url, other.url);
        // The connection to the first one hangs in the middle: neither ends, nor goes on.
        const hanging = new AbortController();
        const sending = hangingPiece(ticket.uploadUrl, 0, bytes.subarray(0, 8 * BLOCK), hanging.signal).catch(
          () => undefined,
        );
        const offset = async () =>
          (await db.model(UploadSession).findOne({ videoId: ticket.video.id }))?.offset;
        await eventually(async () => (await offset()) === 8 * BLOCK);
        await sendAll(bytes, { uploadUrl: elsewhere, chunkSize: 3 * BLOCK + 1, retryDelays: [0, 0, 0] });
        hanging.abort();
        await sending;
        expect(await blobs.get(`${ticket.video.id}/source`)).toEqual(bytes);

        const endpoint = `${url}/files`;
        const headers = { authorization: `Bearer ${tenant.key}` };
        const created = (name: string) => db.model(UploadSession).findOne({ filename: name });
        await sendAll(bytes, {
          ...{ endpoint, headers, parallelUploads: 3, metadata: { filename: 'parts.mp4' } },
        });
        await eventually(async () => (await created('parts.mp4'))?.state === 'DONE');
        expect(await blobs.get(`${(await created('parts.mp4'))?.videoId}/source`)).toEqual(bytes);

        const folder = await mkdtemp(path.join(tmpdir(), 'upload-'));
        const file = path.join(folder, 'cli.mp4');
        await writeFile(file, bytes);
        await using relay = await startBreakingRelay(url, (breaks) => (breaks < 2 ? 3 * BLOCK : undefined));
        const client = createGraphqlClient({ url, apiKey: tenant.key });
        let sent = 0;
        const order = { path: file, sizeBytes: bytes.length, projectId: tenant.projectId };
        const onSent = (sentBytes: number) => (sent = sentBytes);
        const viaRelay = { ...client, request: throughRelay(client, relay.url) };
        const videoId = await uploadResumable(viaRelay, { ...order, onSent }, new AbortController().signal);
        await rm(folder, { recursive: true });
        expect([sent, relay.breaks]).toEqual([bytes.length, 2]);
        expect(await blobs.get(`${videoId}/source`)).toEqual(bytes);

        const uppy = await createUppy({ endpoint, headers, chunkSize: 5 * BLOCK });
        // Outside of browsers, its tus client takes buffers.
        const data = Object.assign(Buffer.from(bytes), { size: bytes.length }) as unknown as Blob;
        uppy.addFile({ name: 'uppy.mp4', type: 'video/mp4', data, source: 'test' });
        const result = await uppy.upload();
        uppy.destroy();
        expect([result?.successful?.length, result?.failed?.length]).toEqual([1, 0]);
        expect(await blobs.get(`${(await created('uppy.mp4'))?.videoId}/source`)).toEqual(bytes);
      }),
    120_000,
  );
});
