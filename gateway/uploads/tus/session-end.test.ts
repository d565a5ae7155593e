import { describe, expect, it } from '@jest/globals';
import type { UploadStatus } from '../../../schema/enums.js';
import { AppError } from '../../../schema/errors.js';
import type { UploadSession } from '../../../schema/upload-session.js';
import { createSessionEnds } from './session-end.js';

const part = { _id: 'tus_p', kind: 'PART', state: 'DONE', blobKey: 'tus_p/part', offset: 3 } as UploadSession;
const of = (kind: UploadSession['kind'], more: Partial<UploadSession> = {}) =>
  ({
    _id: 'tus_a',
    kind,
    state: 'OPEN',
    videoId: 'v',
    blobKey: 'v/source',
    offset: 7,
    ...more,
  }) as UploadSession;

/** Sessions in memory; tells what was discarded and which videos failed. */
function setUp(status: UploadStatus | undefined, ...stored: UploadSession[]) {
  const sessions = new Map(stored.map((session) => [session._id, session]));
  const discarded: string[] = [];
  const failed: unknown[] = [];
  const forgotten: string[] = [];
  const ends = createSessionEnds({
    sessions: {
      end(id) {
        const session = sessions.get(id);
        if (!session || session.state === 'ENDED') return Promise.resolve(undefined);
        sessions.set(id, { ...session, state: 'ENDED' });
        return Promise.resolve(session);
      },
      forget: (id) => Promise.resolve(void forgotten.push(id)),
      findMany: (ids) => Promise.resolve(ids.flatMap((id) => sessions.get(id) ?? [])),
    },
    blobs: { discardBlocks: (key) => Promise.resolve(discarded.push(key) > 0) },
    arrivals: {
      fail: (...why) => Promise.resolve(void failed.push(why)),
      statusOf: () => Promise.resolve(status),
    },
  });
  return { ends, discarded, failed, forgotten };
}

describe('the end of an upload', () => {
  const error = new AppError('UNSUPPORTED_MEDIA');

  it('takes what is staged and the video with it, once', async () => {
    const session = of('TUS');
    const { ends, discarded, failed, forgotten } = setUp('FAILED', session);
    await ends.end(session, error);
    await ends.end(session, 'EXPIRED');
    expect([discarded, failed, forgotten]).toEqual([['v/source'], [['v', error, 7]], ['tus_a']]);
  });

  it('leaves a video alone that was received', async () => {
    const session = of('TUS', { state: 'DONE' });
    const { ends, discarded, failed, forgotten } = setUp('RECEIVED', session);
    await ends.end(session, 'EXPIRED');
    expect([discarded, failed, forgotten]).toEqual([[], [], ['tus_a']]);
  });

  it('takes the parts with the file, and a part by itself', async () => {
    const session = of('JOINED', { parts: ['tus_p'] });
    const { ends, discarded, forgotten } = setUp('FAILED', session, part);
    await ends.end(session, error);
    expect([discarded, forgotten]).toEqual([
      ['v/source', 'tus_p/part'],
      ['tus_p', 'tus_a'],
    ]);
  });

  it.each([
    ['FAILED' as const, ['v/intake', 'v/source']],
    ['RECEIVED' as const, ['v/intake']],
  ])('takes what its sender wrote by itself from a video that is %s', async (status, keys) => {
    const session = of('BLOB', { blobKey: 'v/intake', state: 'DONE' });
    const { ends, discarded } = setUp(status, session);
    await ends.end(session, 'EXPIRED');
    expect(discarded).toEqual(keys);
  });
});
