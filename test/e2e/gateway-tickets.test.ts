import { describe, expect, it } from '@jest/globals';
import { Job } from '../../schema/job.js';
import { UploadSession } from '../../schema/upload-session.js';
import { Video } from '../../schema/video.js';
import { ask } from './gateway-client.js';
import { eventually, withGateway } from './gateway-fixture.js';
import {
  codeOf,
  filmBytes,
  findVideo,
  hangingPiece,
  piece,
  type Ticket,
  ticketFor,
  tus,
} from './gateway-tus.js';

const BLOCK = 8 * 1024;
const options = { uploadBlockBytes: BLOCK, kafka: 'silent' as const, maxUploadBytes: 5 * BLOCK };

const createUpload = 'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { method } }';
const completeUpload = 'mutation ($id: ID!) { completeUpload(videoId: $id) { id uploadStatus } }';
const stopVideo = 'mutation ($id: ID!) { stopVideo(id: $id) { status uploadStatus } }';

interface Begun {
  ticket: Ticket;
  response: Response;
  id: string;
}

describe('uploads with a ticket', () => {
  it(
    'end when they are given up, stopped, too large, no media, or not gone on with',
    () =>
      withGateway(options, async (fixture) => {
        const { url, tenant, blobs, db } = fixture;
        const sender = { url, key: tenant.key };
        const sessions = db.model(UploadSession);
        const bytes = filmBytes(2 * BLOCK);
        const input = { projectId: tenant.projectId, title: 'T' };
        const begin = async (sizeBytes: number | undefined, first = bytes): Promise<Begun> => {
          const ticket = await ticketFor(sender, { ...input, sizeBytes });
          const response = await tus(ticket.uploadUrl, 'PATCH', piece(0), first);
          return { ticket, response, id: ticket.video.id };
        };
        const ended = async ({ ticket, id }: Begun, expected: object): Promise<void> => {
          expect(await findVideo(sender, id)).toMatchObject(expected);
          const gone = await tus(ticket.uploadUrl, 'PATCH', piece(bytes.length), Buffer.alloc(1));
          expect([gone.status, await codeOf(gone)]).toEqual([410, 'UPLOAD_ENDED']);
          expect(await blobs.properties(`${id}/source`)).toBeUndefined();
          await expect(blobs.commitBlocks(`${id}/source`, ['00000.000000'])).rejects.toThrow();
        };
        const cleaned = async (id: string) => !!(await sessions.findOne({ videoId: id }))?.purgeAt;

        const dropped = await begin(bytes.length + 1);
        expect(dropped.ticket.video).toMatchObject({ uploadStatus: 'WAITING', status: 'QUEUED' });
        expect(await findVideo(sender, dropped.id)).toMatchObject({
          uploadStatus: 'RECEIVING',
          progress: { totalBytes: bytes.length + 1 },
        });
        expect((await tus(dropped.ticket.uploadUrl, 'DELETE')).status).toBe(204);
        await ended(dropped, { uploadStatus: 'FAILED', status: 'FAILED', error: { code: 'UPLOAD_ENDED' } });

        const text = await begin(bytes.length + 1, Buffer.alloc(2 * BLOCK, 'not a film '));
        expect([text.response.status, await codeOf(text.response)]).toEqual([415, 'UNSUPPORTED_MEDIA']);
        await ended(text, { uploadStatus: 'FAILED', error: { code: 'UNSUPPORTED_MEDIA' } });

        const large = await begin(undefined, filmBytes(5 * BLOCK + 1));
        expect([large.response.status, await codeOf(large.response)]).toEqual([413, 'UPLOAD_TOO_LARGE']);
        const refused = await ask(sender, createUpload, { input: { ...input, sizeBytes: 5 * BLOCK + 1 } });
        expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'UPLOAD_TOO_LARGE' });

        const stopped = await begin(bytes.length + 2);
        const done = new AbortController();
        const going = hangingPiece(stopped.ticket.uploadUrl, bytes.length, Buffer.alloc(1), done.signal);
        await eventually(
          async () => (await findVideo(sender, stopped.id))?.progress.receivedBytes === bytes.length + 1,
        );
        const { data } = await ask(sender, stopVideo, { id: stopped.id });
        expect((await going).status).toBe(410);
        done.abort();
        expect(data).toEqual({ stopVideo: { status: 'STOPPED', uploadStatus: 'FAILED' } });
        await eventually(() => cleaned(stopped.id));
        await ended(stopped, { status: 'STOPPED' });

        const late = await begin(bytes.length + 1);
        await sessions.updateOne({ videoId: late.id }, { $set: { expiresAt: new Date(0) } });
        expect((await tus(late.ticket.uploadUrl, 'HEAD')).status).toBe(410);
        // A gateway that starts looks for what is over.
        await fixture.another();
        await eventually(() => cleaned(late.id));
        await ended(late, { uploadStatus: 'EXPIRED', status: 'FAILED', error: { code: 'UPLOAD_ENDED' } });
        await db.model(Video).updateOne({ _id: late.id }, { $set: { uploadExpiresAt: new Date(0) } });
        await fixture.another();
        await eventually(async () => (await findVideo(sender, late.id)) === null);
      }),
    60_000,
  );

  it(
    'go straight into storage, and are taken over out of their senders’ reach',
    () =>
      withGateway(options, async ({ url, tenant, blobs, db }) => {
        const sender = { url, key: tenant.key };
        const bytes = filmBytes(BLOCK);
        const { projectId } = tenant;
        const input = { projectId, method: 'BLOB', sizeBytes: bytes.length, idempotencyKey: 'k' };
        const ticket = await ticketFor(sender, input);
        const { id } = ticket.video;
        const headers = Object.fromEntries(ticket.headers.map(({ name, value }) => [name, value]));
        expect((await ticketFor(sender, input)).video.id).toBe(id);
        const put = (to: Ticket, body: Uint8Array) =>
          fetch(to.uploadUrl, { method: 'PUT', headers, body: new Uint8Array(body) });
        const complete = (videoId = id) =>
          ask<{ completeUpload: object }>(sender, completeUpload, { id: videoId });
        const refusal = async (videoId?: string) => (await complete(videoId)).errors?.[0]?.extensions;

        expect(await refusal()).toMatchObject({ code: 'CONFLICT', status: 'WAITING' });
        await put(ticket, bytes.subarray(1));
        expect(await refusal()).toMatchObject({ code: 'BAD_USER_INPUT', field: 'sizeBytes' });
        expect((await put(ticket, bytes)).status).toBe(201);
        for (const { data, errors } of await Promise.all([complete(), complete()]))
          expect([data, errors]).toEqual([{ completeUpload: { id, uploadStatus: 'RECEIVED' } }, undefined]);
        expect(await db.model(Job).countDocuments({ videoId: id })).toBe(1);
        expect(await blobs.properties(`${id}/intake`)).toBeUndefined();
        await put(ticket, filmBytes(BLOCK));
        expect(await blobs.get(`${id}/source`)).toEqual(bytes);
        expect((await complete()).data).toEqual({ completeUpload: { id, uploadStatus: 'RECEIVED' } });

        const other = await ticketFor(sender, { projectId, method: 'BLOB' });
        await put(other, Buffer.from('no film at all'));
        expect(await refusal(other.video.id)).toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
        expect(await findVideo(sender, other.video.id)).toMatchObject({ uploadStatus: 'FAILED' });
        for (const name of ['intake', 'source'])
          expect(await blobs.properties(`${other.video.id}/${name}`)).toBeUndefined();
      }),
    60_000,
  );
});
