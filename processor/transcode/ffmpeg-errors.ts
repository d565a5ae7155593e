import { AppError, type ErrorCode } from '../../schema/errors.js';

/** First match wins: what went wrong on the way to the file hides what the file looked like from there. */
const signs: readonly (readonly [RegExp, ErrorCode])[] = [
  // The answer of a server that is asked for bytes beyond the end of the file.
  [/HTTP error 416/, 'MEDIA_TRUNCATED'],
  [
    /No space left on device|Disk quota exceeded|File too large|Cannot allocate memory|Too many open files/i,
    'INTERNAL',
  ],
  [
    /Server returned|HTTP error|Connection (refused|reset|timed out)|Operation timed out/i,
    'SOURCE_UNREACHABLE',
  ],
  [
    /Failed to resolve hostname|Network is unreachable|No route to host|TLS|Stream ends prematurely/i,
    'SOURCE_UNREACHABLE',
  ],
  [/No such file or directory|Protocol not found|not on whitelist '(http|https|file)/i, 'SOURCE_UNREACHABLE'],
  [/moov atom not found|partial file|End of file/i, 'MEDIA_TRUNCATED'],
  [
    /Invalid data found|Format not on whitelist|Unknown decoder|Could not find codec parameters/i,
    'UNSUPPORTED_MEDIA',
  ],
  [/does not contain any stream|matches no streams|Decoder .*not found|not supported/i, 'UNSUPPORTED_MEDIA'],
  [/Input\/output error/i, 'SOURCE_UNREACHABLE'],
];

/** Lines of FFmpeg that say nothing about why it failed. */
const NOISE = /mmco: unref short failure|Last message repeated/;

/** What FFmpeg's complaints say of why it failed; undefined where they say nothing that we know. */
export const complaintCode = (stderrTail: string): ErrorCode | undefined =>
  signs.find(([pattern]) => pattern.test(stderrTail))?.[1];

/** How FFmpeg or ffprobe ended, with the source's address taken out. */
export interface FailedRun {
  program: string;
  /** Exit code; null when a signal ended it. */
  code: number | null;
  signal: string | null;
  stderrTail: string;
}

/**
 * The coded error for a run that did not end well. The text of the program is the cause, for the log:
 * it may name server-side paths, so it is never part of the details.
 */
export function failedRunError(run: FailedRun): AppError {
  const text = run.stderrTail
    .split('\n')
    .filter((line) => line && !NOISE.test(line))
    .join('\n');
  const code = complaintCode(text) ?? 'INTERNAL';
  const how = run.signal ? `was ended by ${run.signal}` : `ended with code ${run.code}`;
  return new AppError(code, {}, { cause: new Error(`${run.program} ${how}: ${text.slice(-2000)}`) });
}
