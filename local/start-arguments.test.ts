import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseStartArguments } from './start-arguments.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';

const folder = temporaryFolder();
writeFileSync(join(folder, 'film.mp4'), '');

describe('parseStartArguments', () => {
  it('names files from where they were typed', () => {
    expect(parseStartArguments(['film.mp4'], folder)).toEqual({
      files: [join(folder, 'film.mp4')],
      fromSources: false,
      isWatching: false,
    });
  });

  it('watches sources, not what was built', () => {
    expect(parseStartArguments(['--watch'], folder)).toEqual({
      files: [],
      fromSources: true,
      isWatching: true,
    });
    expect(parseStartArguments(['--sources'], folder)).toEqual({
      files: [],
      fromSources: true,
      isWatching: false,
    });
  });

  it('leaves it at that where help is asked for', () => {
    expect(parseStartArguments(['--help', 'nothing.mp4'], folder)).toBeUndefined();
  });

  it.each([
    ['a file that is not there', ['nothing.mp4'], 'nothing.mp4 cannot be read (ENOENT)'],
    ['an unknown option', ['--fast'], "Unknown option '--fast'"],
  ])('refuses %s before anything starts', (_, argv, reason) => {
    expect(() => parseStartArguments(argv, folder)).toThrow(reason);
  });
});
