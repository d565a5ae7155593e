import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buffer } from 'node:stream/consumers';
import type { UploadSession } from '../../../schema/upload-session.js';
import { bytesOfParts, partsNamed, readParts } from './parts.js';

const links = { sessionOf: (token: string) => (token.startsWith('ok') ? token : undefined) };
const bad = expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'Upload-Concat' } });
const project = { _id: 'p' };
const part = (id: string, more: Partial<UploadSession> = {}) =>
  ({ _id: id, kind: 'PART', state: 'DONE', projectId: 'p', offset: 5, ...more }) as UploadSession;

describe('the parts of a file', () => {
  it('are named by their addresses, relative ones too', () => {
    expect(partsNamed('final;https://a.test/files/ok1 /files/ok2', links)).toEqual(['ok1', 'ok2']);
    for (const header of ['final;', 'final;/files/other', `final;${'/files/ok '.repeat(101)}`])
      expect(() => partsNamed(header, links)).toThrow(bad);
  });

  it('must be finished parts of the same project', () => {
    const both = [part('b'), part('a', { offset: 2 })];
    expect(bytesOfParts(['a', 'b', 'a'], both, project)).toBe(9);
    const others = [part('a', { state: 'OPEN' }), part('a', { projectId: 'q' }), part('a', { kind: 'TUS' })];
    for (const other of others) expect(() => bytesOfParts(['a'], [other], project)).toThrow(bad);
    expect(() => bytesOfParts(['a', 'c'], both, project)).toThrow(bad);
  });

  it('are read one after the other, from anywhere in the whole', async () => {
    const sizes = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat({ max: 100 }), async (bytes, start) => {
        const bodies = bytes.map((size, index) => Buffer.alloc(size, index + 1));
        const parts = bodies.map((body, index) => ({ blobKey: String(index), offset: body.length }));
        const blobs = {
          readBytes: (key: string, at: { start: number; bytes: number }) =>
            Promise.resolve(bodies[Number(key)]?.subarray(at.start, at.start + at.bytes)),
        };
        const whole = Buffer.concat(bodies);
        expect(await buffer(readParts(blobs, parts, Math.min(start, whole.length)))).toEqual(
          whole.subarray(start),
        );
      }),
    );
  });
});
