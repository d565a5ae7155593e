import { describe, expect, it } from '@jest/globals';
import { createSingleFlight } from './single-flight.js';

const never = new AbortController().signal;

/** Work that settles when it is told to, and notes how often it began and whether it was aborted. */
function controlledWork() {
  const settle = Promise.withResolvers<string>();
  const state = { starts: 0, aborted: false };
  const work = ({ signal }: AbortController) => {
    state.starts += 1;
    signal.addEventListener('abort', () => {
      state.aborted = true;
      settle.reject(new Error('torn down'));
    });
    return settle.promise;
  };
  return { state, settle, work };
}

describe('single flight', () => {
  it('does the work once for all who wait', async () => {
    const flights = createSingleFlight<string>();
    const { state, settle, work } = controlledWork();
    const all = [1, 2, 3].map(() => flights.run('k', never, work));
    settle.resolve('done');
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done']);
    expect(state.starts).toBe(1);
  });

  it('keeps keys apart and remembers nothing afterwards', async () => {
    const flights = createSingleFlight<string>();
    let starts = 0;
    const work = () => Promise.resolve(`run ${(starts += 1)}`);
    const [a, b] = await Promise.all([flights.run('a', never, work), flights.run('b', never, work)]);
    expect([a, b, await flights.run('a', never, work)]).toEqual(['run 1', 'run 2', 'run 3']);
  });

  it('fails for all who wait, and anew for the next', async () => {
    const flights = createSingleFlight<string>();
    const fail = () => Promise.reject(new Error('broken'));
    const [a, b] = await Promise.allSettled([flights.run('k', never, fail), flights.run('k', never, fail)]);
    expect([a.status, b.status]).toEqual(['rejected', 'rejected']);
    expect(await flights.run('k', never, () => Promise.resolve('mended'))).toBe('mended');
  });

  it('lets one caller leave without the others noticing', async () => {
    const flights = createSingleFlight<string>();
    const { state, settle, work } = controlledWork();
    const leaver = new AbortController();
    const left = flights.run('k', leaver.signal, work);
    const stayed = flights.run('k', never, work);
    leaver.abort();
    await expect(left).rejects.toThrow(/abort/);
    expect(state.aborted).toBe(false);
    settle.resolve('done');
    expect(await stayed).toBe('done');
  });

  it('aborts the work with its last caller, and starts anew for the next', async () => {
    const flights = createSingleFlight<string>();
    const { state, work } = controlledWork();
    const leavers = [new AbortController(), new AbortController()];
    const left = leavers.map(({ signal }) => flights.run('k', signal, work));
    leavers.forEach((leaver) => leaver.abort());
    const next = flights.run('k', never, () => Promise.resolve('fresh'));
    await expect(Promise.all(left)).rejects.toThrow(/abort/);
    expect(state.aborted).toBe(true);
    expect(await next).toBe('fresh');
  });

  it('does not start for a caller who has already left', async () => {
    const { state, work } = controlledWork();
    await expect(createSingleFlight<string>().run('k', AbortSignal.abort(), work)).rejects.toThrow(/abort/);
    expect(state.starts).toBe(0);
  });
});
