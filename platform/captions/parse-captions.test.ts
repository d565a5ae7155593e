import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '../../test/support/any-text.js';
import { AppError } from '../../schema/errors.js';
import { MAX_CUE_LENGTH, MAX_CUES, MAX_CUES_AT_ONCE, parseCaptions } from './parse-captions.js';
import { webVtt } from './web-vtt.js';

const parse = (text: string) => parseCaptions(Buffer.from(text));
const normalized = (file: Uint8Array): string => webVtt(parseCaptions(file));

/** What is said of a file that is refused. */
function refusal(file: Uint8Array): { code: string; details: Record<string, unknown>; message: string } {
  try {
    parseCaptions(file);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, details: error.details, message: error.message };
  }
  throw new Error('it was not refused');
}

const golden = `WEBVTT

00:00:01.000 --> 00:00:02.500
<i>Good</i> morning &amp; welcome
to the film

00:00:03.000 --> 00:00:04.000 line:0
Above

01:00:00.000 --> 01:00:01.040
Late
`;

const subRip = `1
00:00:01,000 --> 00:00:02,500
<i>Good</i> morning & welcome
to the <font color="red">film</font>

3
01:00:00,000 --> 01:00:01,04
Late
2
00:00:03,000 --> 00:00:04,000  X1:100 X2:200 Y1:10 Y2:20
{\\an8}Above

4
00:00:05,000 --> 00:00:06,000

`;

const written = `WEBVTT - a film
Kind: captions

NOTE
nobody
sees this

STYLE
::cue { background: url(https://tracker.test/) }

REGION
id:fred

greeting
00:01.000 --> 00:02.500 region:fred
<i>Good</i> morning &amp; welcome
to the film

00:00:03.000 --> 00:00:04.000 line:0
Above
01:00:00.000 --> 01:00:01.040
<script>Late</script>`;

describe('parseCaptions', () => {
  it.each([
    ['SubRip', subRip],
    ['SubRip of Windows', subRip.replaceAll('\n', '\r\n')],
    ['WebVTT', written],
    ['WebVTT of an old Macintosh', written.replaceAll('\n', '\r')],
    ['its own output', golden],
  ])('reads %s', (_, text) => {
    expect(normalized(Buffer.from(text))).toBe(golden);
    expect(normalized(Buffer.from(`\uFEFF${text}`))).toBe(golden);
    const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le');
    expect(normalized(utf16)).toBe(golden);
    expect(normalized(utf16.swap16())).toBe(golden);
  });

  it.each([
    ['', undefined, 'There are no captions in it.'],
    ['WEBVTT\n\nNOTE nothing\n', undefined, 'There are no captions in it.'],
    ['WEBVTTX\n\n00:01.000 --> 00:02.000\nx', 2, 'should stand here, as SubRip writes them'],
    ['1\n00:00:01,000 -> 00:00:02,000\nx', 2, 'should stand here'],
    ['WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nx', 3, 'should stand here, as WebVTT writes them'],
    ['WEBVTT\n\n00:61:00.000 --> 01:02:00.000\nx', 3, 'should stand here'],
    ['WEBVTT\n\n00:02.000 --> 00:01.000\nx', 3, 'ends before it starts'],
    ['1\n00:00:01,000 --> 00:00:01,000\nx', 2, 'ends before it starts'],
    ['WEBVTT\n\n1000:00:01.000 --> 1000:00:02.000\nx', 3, 'should stand here'],
    [`WEBVTT\n\n00:01.000 --> 00:02.000\n${'x'.repeat(MAX_CUE_LENGTH + 1)}`, 4, 'more than 2000 characters'],
    [
      `WEBVTT\n\n${'00:01.000 --> 00:02.000\nx\n\n'.repeat(MAX_CUES_AT_ONCE + 1)}`,
      153,
      'More than 50 captions',
    ],
    [
      `WEBVTT\n\n${'00:01.000 --> 00:02.000\nx\n\n'.repeat(MAX_CUES + 1)}`,
      60_003,
      'more than 20000 captions',
    ],
  ])('refuses %#', (text, line, reason) => {
    const { code, details, message } = refusal(Buffer.from(text));
    expect({ code, ...details }).toEqual({ code: 'BAD_USER_INPUT', field: 'file', ...(line && { line }) });
    expect(message).toContain(reason);
    if (line) expect(message).toMatch(new RegExp(`^Line ${line}: `));
  });

  it('refuses what is not text', () => {
    expect(refusal(Buffer.from([0x57, 0xff, 0x00]))).toMatchObject({
      ...{ code: 'BAD_USER_INPUT', details: { field: 'file' } },
      message: expect.stringContaining('UTF-8'),
    });
  });

  it('takes as many captions at once as it says', () => {
    const cues = Array.from(
      { length: 200 },
      (_, n) => `00:00:0${n % 4}.000 --> 00:00:0${(n % 4) + 1}.000\nx\n`,
    );
    expect(parse(`WEBVTT\n\n${cues.join('\n')}`)).toHaveLength(200);
  });

  it('throws nothing but refusals, and reads what it has written to the same captions', () => {
    const time = fc.integer({ min: 0, max: 59_999 });
    const shown = (ms: number): string => `00:00:${(ms / 1000).toFixed(3).padStart(6, '0')}`;
    const word = fc.constantFrom(
      'WEBVTT',
      '-->',
      'NOTE',
      'STYLE',
      '1',
      ' ',
      'x',
      '<i>',
      '&',
      '\uFEFF',
      '{\\an7}',
    );
    const end = fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\0', '\u0085', '\u2028');
    const piece = fc.oneof(time.map(shown), word, end, anyText({ maxLength: 5 }));
    const cue = fc
      .tuple(time, fc.integer({ min: -10, max: 5_000 }), fc.array(piece, { maxLength: 5 }))
      .filter(([start, length]) => start + length >= 0)
      .map(([start, length, text]) => `${shown(start)} --> ${shown(start + length)}\n${text.join('')}\n\n`);
    const head = fc.constantFrom('', 'WEBVTT\n\n', '\uFEFFWEBVTT \n');
    const text = fc
      .tuple(head, fc.array(fc.oneof({ weight: 20, arbitrary: cue }, piece), { maxLength: 10 }))
      .map(([first, rest]) => Buffer.from(first + rest.join('')));
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array()), (file) => {
        let cues;
        try {
          cues = parseCaptions(file);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).code).toBe('BAD_USER_INPUT');
          return;
        }
        read += 1;
        expect(cues.every(({ startMs, endMs }) => startMs < endMs)).toBe(true);
        expect(parse(webVtt(cues))).toEqual(cues);
      }),
      { numRuns: 1_500 },
    );
    expect(read).toBeGreaterThan(60);
  });
});
