import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { RequestLog } from './request-log.js';

function fixture() {
  const lines: Record<string, unknown>[] = [];
  const parent = pino(
    { base: null, timestamp: false, level: 'info' },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  return { lines, parent, log: new RequestLog(parent, { requestId: 'r1' }) };
}

describe('a request’s log', () => {
  it('writes every line with the request’s id', () => {
    const { lines, log } = fixture();
    for (const level of ['info', 'warn', 'error', 'fatal'] as const) log[level]({ a: 1 }, 'text');
    log.debug('below the level');
    log.child({ b: 2 }).info('from a child');
    expect(lines).toEqual([
      { level: 30, requestId: 'r1', a: 1, msg: 'text' },
      { level: 40, requestId: 'r1', a: 1, msg: 'text' },
      { level: 50, requestId: 'r1', a: 1, msg: 'text' },
      { level: 60, requestId: 'r1', a: 1, msg: 'text' },
      { level: 30, requestId: 'r1', b: 2, msg: 'from a child' },
    ]);
  });

  it('has a level of its own once that is set', () => {
    const { lines, log, parent } = fixture();
    expect(log.level).toBe('info');
    log.level = 'trace';
    log.trace('now');
    expect([log.level, parent.level, lines.length]).toEqual(['trace', 'info', 1]);
  });
});
