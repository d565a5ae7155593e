import { describe, expect, it } from '@jest/globals';
import { parseUploadArguments, UsageError } from './arguments.js';

describe('parseUploadArguments', () => {
  it('waits until the video is ready where nothing else is said', () => {
    expect(parseUploadArguments(['movie.mp4'])).toEqual({
      file: 'movie.mp4',
      projectId: undefined,
      title: undefined,
      exitOn: 'ready',
      json: false,
    });
  });

  it('reads options before and after the file', () => {
    const argv = ['--json', 'a b.mkv', '--project', 'project_1', '--title=Night', '--exit-on', 'playable'];
    expect(parseUploadArguments(argv)).toEqual({
      file: 'a b.mkv',
      projectId: 'project_1',
      title: 'Night',
      exitOn: 'playable',
      json: true,
    });
  });

  it('leaves it at that where help is asked for', () => {
    expect(parseUploadArguments(['--help'])).toBeUndefined();
    expect(parseUploadArguments(['a.mp4', '-h'])).toBeUndefined();
  });

  it.each([
    ['no file', []],
    ['two files', ['a.mp4', 'b.mp4']],
    ['an unknown option', ['a.mp4', '--fast']],
    ['an option without its value', ['a.mp4', '--title']],
    ['an unknown end', ['a.mp4', '--exit-on', 'done']],
  ])('refuses %s', (_, argv) => {
    expect(() => parseUploadArguments(argv)).toThrow(UsageError);
  });
});
