import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openLogFile } from './log-file.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';

const newFile = () => join(temporaryFolder(), 'logs/gateway.log');

describe('openLogFile', () => {
  it('keeps the log of the run before', () => {
    const file = newFile();
    const first = openLogFile(file);
    first.write('first');
    first.close();
    const second = openLogFile(file);
    second.write('second\n');
    second.close();
    expect(readFileSync(file, 'utf8')).toBe('second\n');
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('first\n');
  });

  it('never grows beyond its bound by more than a line', () => {
    const file = newFile();
    const log = openLogFile(file, 100);
    for (let line = 0; line < 100; line += 1) log.write(`line ${line} ${'x'.repeat(20)}`);
    log.close();
    expect(statSync(file).size).toBeLessThan(130);
    expect(statSync(`${file}.1`).size).toBeLessThan(130);
    expect(readFileSync(file, 'utf8')).toContain('line 99');
  });

  it('is for its owner alone', () => {
    const file = newFile();
    openLogFile(file).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => writeFileSync(file, 'still there', { flag: 'wx' })).toThrow('EEXIST');
  });
});
