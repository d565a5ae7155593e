import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { RequestBody } from './graphql-client.js';
import { multipartBody } from './multipart-file.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';

const operation = { query: 'mutation', variables: { input: { title: 'Night' } } };

function fileOf(bytes: number, name = 'film.mp4'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, Buffer.alloc(bytes, 7));
  return path;
}

const read = (body: RequestBody['body'], headers: Record<string, string>) => new Response(body, { headers });

describe('multipartBody', () => {
  it('is a form with the operation, the map and the file', async () => {
    const path = fileOf(600_000, 'a "b".mp4');
    const { body, headers } = multipartBody(operation, { path, sizeBytes: 600_000, onSent: () => undefined });
    const form = await read(body, headers).formData();
    expect([...form.keys()]).toEqual(['operations', 'map', '0']);
    expect(JSON.parse(form.get('operations') as string)).toEqual({
      query: 'mutation',
      variables: { input: { title: 'Night' }, file: null },
    });
    expect(JSON.parse(form.get('map') as string)).toEqual({ '0': ['variables.file'] });
    const file = form.get('0') as File;
    expect(file.size).toBe(600_000);
    expect(file.name).toBe('a "b".mp4');
  });

  it('is as long as it says', async () => {
    const { body, headers } = multipartBody(operation, {
      path: fileOf(1_000),
      sizeBytes: 1_000,
      onSent: () => undefined,
    });
    expect((await read(body, headers).arrayBuffer()).byteLength).toBe(Number(headers['content-length']));
  });

  it('tells how much was sent, the whole file at last', async () => {
    const sent: number[] = [];
    const { body, headers } = multipartBody(operation, {
      path: fileOf(600_000),
      sizeBytes: 600_000,
      onSent: (bytes) => sent.push(bytes),
    });
    await read(body, headers).arrayBuffer();
    expect(sent).toEqual([262_144, 524_288, 600_000]);
  });

  it('stops at the announced length where the file grows, and fails where it shrank', async () => {
    const grown = multipartBody(operation, { path: fileOf(900), sizeBytes: 500, onSent: () => undefined });
    expect((await read(grown.body, grown.headers).arrayBuffer()).byteLength).toBe(
      Number(grown.headers['content-length']),
    );
    const shrunk = multipartBody(operation, { path: fileOf(300), sizeBytes: 500, onSent: () => undefined });
    await expect(read(shrunk.body, shrunk.headers).arrayBuffer()).rejects.toThrow('became shorter');
  });
});
