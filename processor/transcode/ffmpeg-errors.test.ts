import { expect, it } from '@jest/globals';
import { failedRunError } from './ffmpeg-errors.js';

const error = (stderrTail: string, ending: { code?: number | null; signal?: string | null } = {}) =>
  failedRunError({ program: 'ffmpeg', code: 1, signal: null, stderrTail, ...ending });

it.each([
  [
    '[mov,mp4 @ 0x55] moov atom not found\n<source>: Invalid data found when processing input',
    'MEDIA_TRUNCATED',
  ],
  [
    '[in#0 @ 0x1] Format not on whitelist\n<source>: Invalid data found when processing input',
    'UNSUPPORTED_MEDIA',
  ],
  ['<source>: Server returned 403 Forbidden (access denied)', 'SOURCE_UNREACHABLE'],
  ['<source>: Connection refused', 'SOURCE_UNREACHABLE'],
  ['[https @ 0x1] HTTP error 416 Range Not Satisfiable', 'MEDIA_TRUNCATED'],
  ['Stream ends prematurely at 9, should be 10\nmoov atom not found', 'SOURCE_UNREACHABLE'],
  ['av_interleaved_write_frame(): No space left on device', 'INTERNAL'],
  ['Error writing trailer: File too large', 'INTERNAL'],
  ['', 'INTERNAL'],
])('takes %j for %s', (stderrTail, code) => {
  expect(error(stderrTail).code).toBe(code);
});

it('keeps what FFmpeg said for the log alone, without what says nothing', () => {
  const failed = error('mmco: unref short failure\nsomething broke', { code: null, signal: 'SIGKILL' });
  expect((failed.cause as Error).message).toBe('ffmpeg was ended by SIGKILL: something broke');
  expect(failed.message).not.toContain('broke');
  expect(failed.details).toEqual({});
});
