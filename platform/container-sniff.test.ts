import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { HEAD_BYTES, mediaOnly, refuseOtherThanMedia } from './container-sniff.js';

const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\x02\0isomiso2')]);
const padded = (start: string | Buffer): Buffer => Buffer.concat([Buffer.from(start), Buffer.alloc(200)]);
const transportStream = Buffer.alloc(188 * 3, 0);
for (const at of [0, 188, 376]) transportStream[at] = 0x47;
const matroska = Buffer.from('1a45dfa3a34286810142f7810142f2810442f381084282886d6174726f736b61', 'hex');

describe('the head of a file', () => {
  it.each([
    ['MP4', mp4],
    ['MPEG-TS', transportStream],
    ['Matroska', padded(matroska)],
    ['AVI', padded('RIFF\0\0\0\0AVI LIST')],
    ['WAV', padded('RIFF\0\0\0\0WAVEfmt ')],
    ['Ogg', padded('OggS\0\x02')],
    ['MP3 with ID3', padded('ID3\x04\0\0\0\0\0\0')],
    ['ASF', padded(Buffer.from('3026b2758e66cf11a6d900aa0062ce6c', 'hex'))],
    ['what nobody knows', Buffer.alloc(300, 7)],
  ])('of %s passes', async (_name, head) => {
    await expect(refuseOtherThanMedia(head)).resolves.toBeUndefined();
  });

  it.each([
    ['a PNG', padded(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')), 'image/png'],
    ['a PDF', padded('%PDF-1.7\n'), 'application/pdf'],
    ['a program', padded(Buffer.from('7f454c4602010100', 'hex')), 'application/x-elf'],
    ['a web page', Buffer.from('<!doctype html><title>Sign in</title>'), 'text/plain'],
    ['a playlist', Buffer.from('#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n'), 'text/plain'],
    ['text that is cut within a letter', Buffer.from('grün ü').subarray(0, -1), 'text/plain'],
  ])('of %s is refused', async (_name, head, found) => {
    await expect(refuseOtherThanMedia(head)).rejects.toMatchObject({
      ...{ code: 'UNSUPPORTED_MEDIA', details: { found } },
    });
  });

  it('may be any bytes: it passes or is refused', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const outcome = await refuseOtherThanMedia(Buffer.from(bytes)).catch((error: unknown) => error);
        if (outcome !== undefined) expect(outcome).toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
      }),
    ));
});

describe('a source that may only be media', () => {
  it('passes on the same bytes, however they are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6_000 }), { minLength: 1, maxLength: 6 }),
        async (cuts) => {
          const parts = cuts.map((size, index) => Buffer.alloc(size, index));
          const whole = Buffer.concat([mp4, ...parts]);
          expect(await buffer(mediaOnly(Readable.from([mp4, ...parts])))).toEqual(whole);
        },
      ),
      { numRuns: 30 },
    ));

  it('is refused before anything of it is passed on', async () => {
    const page = Readable.from([Buffer.from('<html>'), Buffer.alloc(HEAD_BYTES, 'a'), Buffer.alloc(10)]);
    const passed: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of mediaOnly(page)) passed.push(chunk);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
    expect(passed).toEqual([]);
  });
});
