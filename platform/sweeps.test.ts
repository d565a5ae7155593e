import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { runSweeps } from './sweeps.js';

describe('sweeps', () => {
  it('are counted, tried again where they fail, and end with their process', async () => {
    const registry = new Registry();
    const ending = new AbortController();
    let runs = 0;
    const task = () => {
      runs += 1;
      if (runs === 3) ending.abort();
      return runs === 1 ? Promise.reject(new Error('down')) : Promise.resolve(2);
    };
    const deps = { registry, log: pino({ level: 'silent' }), signal: ending.signal };
    await runSweeps(deps, [{ name: 'test', intervalMs: 1, task }]);
    expect(runs).toBe(3);
    const text = await registry.metrics();
    expect(text).toContain('stream_plus_sweeps_total{sweep="test",result="failed"} 1');
    expect(text).toContain('stream_plus_sweeps_total{sweep="test",result="done"} 2');
    expect(text).toContain('stream_plus_swept_total{sweep="test"} 4');
  });
});
