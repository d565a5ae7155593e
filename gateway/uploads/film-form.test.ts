import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type FormRequest, readFilmForm } from './film-form.js';

const headers = { 'content-type': 'multipart/form-data; boundary=b' };
const file = (bytes: Buffer | string, name = 'file') =>
  Buffer.concat([
    Buffer.from(`--b\r\ncontent-disposition: form-data; name="${name}"; filename="a.mp4"\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ]);
const field = (name: string, text: string) =>
  Buffer.from(`--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`);
const end = Buffer.from('--b--\r\n');

/** A request that arrives in pieces of this many bytes. */
function requestOf(parts: Buffer[], pieceBytes = 1_000): FormRequest {
  const body = Buffer.concat(parts);
  const pieces = Array.from({ length: Math.ceil(body.length / pieceBytes) }, (_, index) =>
    body.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  return Object.assign(Readable.from(pieces), { headers });
}

/** What becomes of a form: its file and title, or the error. */
async function read(request: FormRequest) {
  const form = await readFilmForm(request);
  const bytes = await buffer(form.source);
  return { filename: form.filename, bytes, title: form.title() };
}

const badInput = (name: string): unknown =>
  expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: name } });
const aborted: unknown = expect.objectContaining({ code: 'UPLOAD_ABORTED' });

describe('a form with a film', () => {
  it('gives its bytes and its title, wherever the title stands and however it is cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3_000 }),
        fc.integer({ min: 1, max: 4_000 }),
        fc.constantFrom('before', 'after', 'none'),
        async (content, pieceBytes, place) => {
          const title = field('title', 'Ein schöner Tag');
          const bytes = Buffer.from(content);
          const parts = [
            ...(place === 'before' ? [title] : []),
            file(bytes),
            ...(place === 'after' ? [title] : []),
            end,
          ];
          expect(await read(requestOf(parts, pieceBytes))).toEqual({
            ...{ filename: 'a.mp4', bytes, title: place === 'none' ? undefined : 'Ein schöner Tag' },
          });
        },
      ),
      { numRuns: 50 },
    ));

  it.each([
    ['no file', [field('title', 'A'), end], 'file'],
    ['nothing at all', [end], 'file'],
    ['no form', [Buffer.from('film')], 'file'],
    ['two files', [file('a'), file('b'), end], 'file'],
    ['its file under another name', [file('a', 'movie'), end], 'movie'],
    ['text in place of the file', [field('file', 'a'), end], 'file'],
    ['another field before the file', [field('titel', 'A'), file('a'), end], 'titel'],
    ['another field after the file', [file('a'), field('titel', 'A'), end], 'titel'],
    ['an empty title', [file('a'), field('title', ''), end], 'title'],
    ['a title that is too long', [field('title', 'x'.repeat(256)), file('a'), end], 'title'],
    ['a title that is far too long', [file('a'), field('title', 'x'.repeat(10_000)), end], 'title'],
    ['two titles', [field('title', 'A'), file('a'), field('title', 'B'), end], 'title'],
  ])('is refused with %s', async (_what, parts, name) => {
    await expect(read(requestOf(parts))).rejects.toEqual(badInput(name));
  });

  it('is not whole when the request ends before it does', async () => {
    await expect(read(requestOf([file('film').subarray(0, -3)]))).rejects.toEqual(aborted);
    await expect(read(requestOf([file('film'), field('title', 'A').subarray(0, 50)]))).rejects.toEqual(
      aborted,
    );
  });

  it('is not whole when the sender goes away, within the file or after it', async () => {
    for (const sent of [file(Buffer.alloc(5_000)).subarray(0, -3), file('film')]) {
      const request = Object.assign(new PassThrough(), { headers });
      request.write(sent);
      const reading = read(request);
      request.destroy();
      await expect(reading).rejects.toEqual(aborted);
    }
  });

  it('stops where its reader stops', async () => {
    const request = Object.assign(new PassThrough(), { headers });
    request.write(file(Buffer.alloc(5_000)).subarray(0, -3));
    const { source } = await readFilmForm(request);
    const failure = new Error('no more');
    const reading = buffer(source);
    source.destroy(failure);
    await expect(reading).rejects.toBe(failure);
    request.end();
  });
});
