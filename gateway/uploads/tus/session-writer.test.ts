import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { AppError } from '../../../schema/errors.js';
import type { UploadSession } from '../../../schema/upload-session.js';
import { createSessionWriter } from './session-writer.js';

const session = { _id: 'tus_a', state: 'OPEN', offset: 0, blockCount: 0 } as UploadSession;

function setUp() {
  const { promise: begun, resolve: onBegun } = Promise.withResolvers<void>();
  const writer = createSessionWriter({
    sessions: { find: () => Promise.resolve(session) },
    locker: { held: () => ({ epoch: 0, lost: new AbortController().signal }) },
    progress: { tick: () => Promise.resolve(true) },
    ends: { end: () => Promise.reject(new Error('it can be gone on with')) },
    async take({ source }) {
      onBegun();
      let bytes = 0;
      for await (const piece of source) bytes += (piece as Buffer).length;
      return bytes;
    },
    log: pino({ level: 'silent' }),
  });
  return { writer, begun };
}

describe('writing to an upload', () => {
  const stopping = new AppError('UNAVAILABLE', { message: 'The server is stopping: resume the upload.' });

  it('is broken off when this process stops', async () => {
    const { writer, begun } = setUp();
    const writing = writer.write('tus_a', new PassThrough(), { offset: 0 });
    await begun;
    await Promise.all([expect(writing).rejects.toEqual(stopping), writer.close()]);
  });

  it('is not begun once this process stops, although it was about to', async () => {
    const { writer } = setUp();
    const writing = writer.write('tus_a', new PassThrough(), { offset: 0 });
    await Promise.all([expect(writing).rejects.toEqual(stopping), writer.close()]);
  });
});
