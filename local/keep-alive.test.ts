import { describe, expect, it } from '@jest/globals';
import { keepAlive } from './keep-alive.js';
import type { ManagedProcess } from './managed-process.js';

/** A process whose starts go as `starts` says; resolves `settled` after the last of them. */
function fakeProcess(starts: ('up' | Error)[]) {
  let crash: (how: string) => void = () => undefined;
  const settled = Promise.withResolvers<void>();
  const child: ManagedProcess = {
    name: 'gateway',
    pid: 1,
    start() {
      const next = starts.shift();
      if (starts.length === 0) settled.resolve();
      return next instanceof Error ? Promise.reject(next) : Promise.resolve();
    },
    stop: () => Promise.resolve(),
    kill: () => Promise.resolve(),
    onCrash: (listener) => void (crash = listener),
  };
  return { child, crash: (how: string) => crash(how), settled: settled.promise };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('keepAlive', () => {
  it('starts again what died, and says so', async () => {
    const { child, crash, settled } = fakeProcess(['up']);
    const warnings: string[] = [];
    keepAlive(child, {
      warn: (line) => warnings.push(line),
      signal: new AbortController().signal,
      firstPauseMs: 1,
    });
    crash('SIGKILL');
    await settled;
    await tick();
    expect(warnings).toEqual(['gateway ended (SIGKILL): started again in 0.001 s', 'gateway runs again']);
  });

  it('waits twice as long after each failure', async () => {
    const { child, crash, settled } = fakeProcess([new Error('no port'), new Error('no port'), 'up']);
    const warnings: string[] = [];
    keepAlive(child, {
      warn: (line) => warnings.push(line),
      signal: new AbortController().signal,
      firstPauseMs: 1,
    });
    crash('exit 1');
    await settled;
    await tick();
    expect(warnings).toEqual([
      'gateway ended (exit 1): started again in 0.001 s',
      'gateway ended (no port): started again in 0.002 s',
      'gateway ended (no port): started again in 0.004 s',
      'gateway runs again',
    ]);
  });

  it('leaves everything down once it is told to stop', async () => {
    const { child, crash } = fakeProcess([]);
    const stop = new AbortController();
    const warnings: string[] = [];
    keepAlive(child, { warn: (line) => warnings.push(line), signal: stop.signal, firstPauseMs: 60_000 });
    crash('SIGKILL');
    stop.abort();
    await tick();
    crash('SIGKILL');
    expect(warnings).toEqual(['gateway ended (SIGKILL): started again in 60 s']);
  });
});
