import { describe, expect, it } from '@jest/globals';
import { releasing } from './releasing.js';

function setUp(next: () => Promise<IteratorResult<number>>) {
  let releases = 0;
  let returns = 0;
  const source: AsyncIterableIterator<number> = {
    next,
    return: () => Promise.resolve({ done: true, value: (returns += 1) }),
    [Symbol.asyncIterator]: () => source,
  };
  return {
    events: releasing(source, () => (releases += 1)),
    counts: () => ({ releases, returns }),
  };
}

const never = () => new Promise<never>(() => undefined);

describe('what is released at the end of events', () => {
  it('is kept while there may be more', async () => {
    const { events, counts } = setUp(() => Promise.resolve({ done: false, value: 7 }));
    expect(await events.next()).toEqual({ done: false, value: 7 });
    expect(counts()).toEqual({ releases: 0, returns: 0 });
  });

  it('goes at the last event', async () => {
    const { events, counts } = setUp(() => Promise.resolve({ done: true, value: undefined }));
    await events.next();
    await events.next();
    expect(counts()).toEqual({ releases: 1, returns: 0 });
  });

  it('goes with an error', async () => {
    const { events, counts } = setUp(() => Promise.reject(new Error('lost')));
    await expect(events.next()).rejects.toThrow('lost');
    expect(counts()).toEqual({ releases: 1, returns: 0 });
  });

  it('goes when the reader leaves, whether it has read anything or still waits', async () => {
    const { events, counts } = setUp(never);
    void events.next();
    await events.return?.();
    await events.return?.();
    expect(counts()).toEqual({ releases: 1, returns: 2 });
  });
});
