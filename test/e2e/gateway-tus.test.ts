import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { UploadSession } from '../../schema/upload-session.js';
import { eventually, type GatewayFixture, withGateway } from './gateway-fixture.js';
import { at, codeOf, filmBytes, findVideo, metadataOf, piece, sha256, tus } from './gateway-tus.js';

const BLOCK = 8 * 1024;
const options = { uploadBlockBytes: BLOCK, kafka: 'silent' as const };

async function createByPost(
  { url, tenant }: GatewayFixture,
  headers: Record<string, string>,
  body?: Uint8Array,
): Promise<{ response: Response; location: string }> {
  const auth = { authorization: `Bearer ${tenant.key}` };
  const response = await tus(`${url}/files`, 'POST', { ...auth, ...headers }, body);
  return { response, location: at(url, response.headers.get('location') ?? '') };
}

describe('tus 1.0 on /files', () => {
  it(
    'keeps to the protocol',
    () =>
      withGateway(options, async (fixture) => {
        const { url, tenant, blobs } = fixture;
        const sender = { url, key: tenant.key };

        const abilities = await fetch(`${url}/files`, { method: 'OPTIONS' });
        expect(abilities.status).toBe(204);
        expect(Object.fromEntries(abilities.headers)).toMatchObject({
          'tus-version': '1.0.0',
          'tus-max-size': String(1024 ** 2),
          'tus-checksum-algorithm': 'md5,sha1,sha256,sha512',
        });
        for (const extension of ['creation', 'termination', 'checksum', 'expiration', 'concatenation'])
          expect(abilities.headers.get('tus-extension')?.split(',')).toContain(extension);
        const preflight = await fetch(`${url}/files/x`, {
          method: 'OPTIONS',
          headers: { origin: 'https://studio.test', 'access-control-request-method': 'PATCH' },
        });
        expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');

        const bytes = filmBytes(3 * BLOCK + 100);
        const metadata = metadataOf({ projectId: tenant.projectId, filename: 'a film.mp4', title: 'A film' });
        const about = { 'upload-length': String(bytes.length), 'upload-metadata': metadata };
        const refused = await tus(`${url}/files`, 'POST', about);
        expect([refused.status, await codeOf(refused)]).toEqual([401, 'UNAUTHENTICATED']);
        const { response, location } = await createByPost(fixture, about);
        expect([response.status, response.headers.get('tus-resumable')]).toEqual([201, '1.0.0']);
        expect(response.headers.get('upload-expires')).toMatch(/GMT$/);

        const first = await tus(location, 'PATCH', piece(0), bytes.subarray(0, 100));
        expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '100']);
        const head = await tus(location, 'HEAD');
        expect(Object.fromEntries(head.headers)).toMatchObject({
          'upload-offset': '100',
          'upload-length': String(bytes.length),
          'upload-metadata': metadata,
          'cache-control': 'no-store',
        });
        const wrong = await tus(location, 'PATCH', piece(99), bytes.subarray(99));
        expect([wrong.status, await codeOf(wrong)]).toEqual([409, 'CONFLICT']);
        const versionless = await fetch(location, { method: 'HEAD' });
        expect(versionless.status).toBe(412);
        const tooMuch = await tus(location, 'PATCH', piece(100), Buffer.alloc(bytes.length));
        expect([tooMuch.status, await codeOf(tooMuch)]).toEqual([413, 'UPLOAD_TOO_LARGE']);

        const sum = (algorithm: string, of: Uint8Array) => ({
          'upload-checksum': `${algorithm} ${createHash(algorithm).update(of).digest('base64')}`,
        });
        const next = bytes.subarray(100, 2 * BLOCK + 300);
        const mismatch = await tus(location, 'PATCH', { ...piece(100), ...sum('sha1', bytes) }, next);
        expect([mismatch.status, await codeOf(mismatch)]).toEqual([460, 'CHECKSUM_MISMATCH']);
        const unknown = await tus(
          location,
          'PATCH',
          { ...piece(100), 'upload-checksum': 'crc32 AAAA' },
          next,
        );
        expect([unknown.status, await codeOf(unknown)]).toEqual([400, 'BAD_USER_INPUT']);
        expect((await tus(location, 'HEAD')).headers.get('upload-offset')).toBe('100');
        const matching = await tus(location, 'PATCH', { ...piece(100), ...sum('sha256', next) }, next);
        expect(matching.headers.get('upload-offset')).toBe(String(100 + next.length));

        const rest = bytes.subarray(100 + next.length);
        const override = { ...piece(100 + next.length), 'x-http-method-override': 'PATCH' };
        expect((await tus(location, 'POST', override, rest)).status).toBe(204);
        const { _id: id = '', videoId = '' } = (await fixture.db.model(UploadSession).findOne().lean()) ?? {};
        expect(await blobs.get(`${videoId}/source`)).toEqual(bytes);
        expect(await findVideo(sender, videoId)).toMatchObject({
          ...{ uploadStatus: 'RECEIVED', status: 'QUEUED' },
          source: { filename: 'a film.mp4', sizeBytes: bytes.length, sha256: sha256(bytes) },
          progress: { receivedBytes: bytes.length, totalBytes: bytes.length },
        });
        expect((await tus(location, 'HEAD')).headers.get('upload-offset')).toBe(String(bytes.length));
        expect((await tus(location, 'DELETE')).status).toBe(400);
        const forged = location.replace(id, 'tus_00000000000000000000000000');
        for (const missing of [forged, `${url}/files/x`]) {
          expect((await tus(missing, 'HEAD')).status).toBe(404);
          expect(await codeOf(await tus(missing, 'PATCH', piece(0), bytes))).toBe('NOT_FOUND');
        }

        // With its first bytes in the same request, and of a length that is not known yet.
        const whole = await createByPost(fixture, { ...about, ...piece(0) }, bytes);
        expect([whole.response.status, whole.response.headers.get('upload-offset')]).toEqual([
          201,
          String(bytes.length),
        ]);
        const deferred = await createByPost(fixture, {
          'upload-metadata': metadata,
          'upload-defer-length': '1',
        });
        await tus(deferred.location, 'PATCH', piece(0), bytes);
        expect((await tus(deferred.location, 'HEAD')).headers.get('upload-defer-length')).toBe('1');
        const told = { ...piece(bytes.length), 'upload-length': String(bytes.length) };
        expect((await tus(deferred.location, 'PATCH', told)).status).toBe(204);
        expect((await tus(deferred.location, 'HEAD')).headers.get('upload-length')).toBe(
          String(bytes.length),
        );

        // In parts, at once.
        const half = 2 * BLOCK - 5;
        const parts = await Promise.all(
          [bytes.subarray(0, half), bytes.subarray(half)].map(async (part) => {
            const size = { 'upload-length': String(part.length), 'upload-concat': 'partial' };
            const created = await createByPost(fixture, { ...size, ...piece(0) }, part);
            return created.location;
          }),
        );
        const [one = ''] = parts;
        expect((await tus(one, 'HEAD')).headers.get('upload-concat')).toBe('partial');
        const concat = { 'upload-concat': `final;${parts.join(' ')}`, 'upload-metadata': metadata };
        const joined = await createByPost(fixture, concat);
        expect(joined.response.status).toBe(201);
        const joinedHead = () => tus(joined.location, 'HEAD');
        await eventually(
          async () => (await joinedHead()).headers.get('upload-offset') === String(bytes.length),
        );
        const joinedSession = await fixture.db.model(UploadSession).findOne({ kind: 'JOINED' }).lean();
        expect(await blobs.get(`${joinedSession?.videoId}/source`)).toEqual(bytes);
        await eventually(async () => (await tus(one, 'HEAD')).status === 410);
        expect((await tus(joined.location, 'PATCH', piece(bytes.length))).status).toBe(403);
      }),
    60_000,
  );
});
