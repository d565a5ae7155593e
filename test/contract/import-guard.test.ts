import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deletePrefix } from '../../platform/delete-prefix.js';
import type { ResolveName } from '../../platform/guarded-fetch.js';
import type { Answer, BadServer } from '../support/bad-server.js';
import {
  answerStatus,
  failedImport,
  importBlobs as blobs,
  importFrom,
  madeUpFilm,
  redirectTo,
} from '../support/import-fixture.js';

beforeAll(() => blobs.ensure());
afterAll(() => deletePrefix(blobs, ''));

const film = madeUpFilm(5_000);
const whole = { outcome: 'OK', imported: { sizeBytes: film.length } };

describe('what may not be read', () => {
  const secret: Answer = (_, response) => void response.end(film);

  it.each([
    ...['http://127.0.0.2/film', 'http://10.0.0.1/', 'http://169.254.169.254/latest/meta-data/'],
    ...['http://0x7f.2/', 'http://2130706434/', 'http://017700000002/', 'http://[::ffff:7f00:2]/'],
    ...['http://[::1]/', 'http://[::]/', 'http://0.0.0.0/', 'http://168.63.129.16/', '//10.0.0.1/'],
    ...['ftp://example.org/film', 'file:///etc/passwd', 'http://user:secret@example.org/', 'http://a:22/'],
  ])('is not, by a redirect to %s', async (location) => {
    const done = await importFrom({ '/film': redirectTo(location) });
    expect(done).toMatchObject(failedImport('SOURCE_FORBIDDEN'));
    expect(done.seen).toHaveLength(1);
  });

  it('is a name of which any address is not public', async () => {
    const url = (server: BadServer) => `http://media.example:${server.port}/film`;
    for (const addresses of [['10.0.0.1'], ['127.0.0.1', '10.0.0.1'], ['127.0.0.1', '::1'], ['fe80::1%lo']]) {
      const resolve = () => Promise.resolve(addresses);
      const done = await importFrom({ '/film': secret }, { url, resolve });
      expect(done).toMatchObject({ ...failedImport('SOURCE_FORBIDDEN'), seen: [] });
    }
  });

  it('is a name that resolves to something else between check and connection', async () => {
    const url = (server: BadServer) => `http://media.example:${server.port}/film`;
    const asked: string[] = [];
    const resolve: ResolveName = (name) => {
      asked.push(name);
      return Promise.resolve([asked.length === 1 ? '127.0.0.1' : '127.0.0.2']);
    };
    const once = await importFrom({ '/film': secret }, { url, resolve });
    expect(once).toMatchObject(whole);
    expect(asked).toEqual(['media.example']);
    asked.length = 0;
    const twice = await importFrom({ '/film': redirectTo('/other'), '/other': secret }, { url, resolve });
    expect(twice).toMatchObject(failedImport('SOURCE_FORBIDDEN'));
    expect(twice.seen.map(({ path }) => path)).toEqual(['/film']);
  });

  it('is an address that only leads on', async () => {
    const done = await importFrom({ '/film': redirectTo('/film') });
    expect(done).toMatchObject(failedImport('SOURCE_FORBIDDEN'));
    expect(done.seen).toHaveLength(6);
  });

  it.each([401, 403, 404, 410, 451, 400, 407, 304])('is what is answered with %d', async (code) => {
    const done = await importFrom({ '/film': answerStatus(code) });
    expect(done).toMatchObject(failedImport('SOURCE_FORBIDDEN'));
    expect(done.message).not.toContain('secret');
    expect(done.seen).toHaveLength(1);
  });

  it('is a page', async () => {
    const page: Answer = (_, response) => void response.end(`<!doctype html>${'a'.repeat(200_000)}`);
    expect(await importFrom({ '/film': page })).toMatchObject(failedImport('UNSUPPORTED_MEDIA'));
  });

  it('is an encoding that is not known', async () => {
    const done = await importFrom({ '/film': answerStatus(200, { 'content-encoding': 'compress' }) });
    expect(done).toMatchObject(failedImport('SOURCE_FORBIDDEN'));
  });
});
