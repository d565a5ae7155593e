import { describe, expect, it } from '@jest/globals';
import { quietLog } from '../../test/support/test-database.js';
import { createDevices } from './devices.js';
import type { Viewing } from './viewing.js';

function world() {
  const state = { now: 100_000, stored: [] as string[], since: 0, isDown: false };
  const devices = createDevices({
    identify: ({ address, userAgent = '' }) => ({ viewer: 'ada', client: `${address} ${userAgent}` }),
    activeSince(_viewer, since) {
      state.since = since.getTime();
      return state.isDown ? Promise.reject(new Error('down')) : Promise.resolve(state.stored);
    },
    log: quietLog,
    now: () => state.now,
  });
  const begin = (userAgent: string, max = 1) =>
    devices.admits({ address: 'here', userAgent, playback: {} as Viewing['playback'] }, max);
  return { state, begin };
}

describe('the devices of a viewer', () => {
  it('are as many as they may be', async () => {
    const { state, begin } = world();
    state.stored = ['here tv'];
    expect([await begin('phone', 2), await begin('laptop', 2)]).toEqual([true, false]);
    expect(state.since).toBe(70_000);
  });

  it('may begin again, as when a page is loaded anew', async () => {
    const { state, begin } = world();
    expect([await begin('phone'), await begin('phone')]).toEqual([true, true]);
    state.stored = ['here phone'];
    expect(await begin('phone')).toBe(true);
  });

  it('are counted among those that begin at the same time', async () => {
    const { begin } = world();
    const admitted = await Promise.all(['a', 'b', 'c', 'd'].map((name) => begin(name, 2)));
    expect(admitted).toEqual([true, true, false, false]);
  });

  it('make room once nothing was asked for on them for half a minute', async () => {
    const { state, begin } = world();
    await begin('phone');
    expect(await begin('tv')).toBe(false);
    state.now += 30_000;
    expect(await begin('tv')).toBe(true);
  });

  it('are those that began here while the database does not answer', async () => {
    const { state, begin } = world();
    state.isDown = true;
    state.stored = ['here tv'];
    expect([await begin('phone'), await begin('tv')]).toEqual([true, false]);
  });
});
