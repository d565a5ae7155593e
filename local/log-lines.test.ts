import { describe, expect, it } from '@jest/globals';
import { readable, warningOf } from './log-lines.js';

const record = (fields: object) =>
  JSON.stringify({ time: '2030-01-02T03:04:05.678Z', service: 'gateway', ...fields });

describe('warningOf', () => {
  it('is one line for a warning', () => {
    expect(warningOf(record({ level: 'warn', msg: 'slow\nvery slow' }))).toBe('⚠ slow');
  });

  it('says the reason of an error once', () => {
    const err = { type: 'Error', message: 'refused', stack: 'Error: refused\n at x' };
    expect(warningOf(record({ level: 'error', msg: 'no database', err }))).toBe('✗ no database: refused');
    expect(warningOf(record({ level: 'fatal', msg: 'could not start: refused', err }))).toBe(
      '✗ could not start: refused',
    );
  });

  it.each([
    ['news', record({ level: 'info', msg: 'listening' })],
    ['what is no record', 'Restarting main.js'],
    ['what is no JSON', '{ level: warn }'],
    ['a record of another kind', '{"severity":"high"}'],
  ])('is nothing for %s', (_, line) => expect(warningOf(line)).toBeUndefined());
});

describe('readable', () => {
  it('makes a sentence of a record', () => {
    const line = readable(record({ level: 'info', msg: 'listening', port: 4000 }));
    expect(line).toMatch(/^\[2030-01-0\d \d\d:\d\d:05\.678\] INFO: listening\n {4}port: 4000\n$/);
  });

  it('leaves other lines as they are', () => {
    expect(readable('    at main.js:3')).toBe('    at main.js:3');
  });
});
