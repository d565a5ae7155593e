import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '../../test/support/any-text.js';
import { fitText } from './cue-text.js';

describe('fitText', () => {
  it.each([
    ['plain text', 'plain text'],
    ['<i>slanted</i> <B>bold</B> <u>under</u>', '<i>slanted</i> <b>bold</b> <u>under</u>'],
    ['<font color="#ff0000">red</font>', 'red'],
    ['<v.loud Tom &amp; Jo--Ann>Hi</v>', '<v.loud Tom &amp; Jo-Ann>Hi</v>'],
    ['<v Tom & Ann>Hi', '<v Tom &amp; Ann>Hi'],
    ['<c.yellow.bg_blue>x</c.yellow>', '<c.yellow.bg_blue>x</c>'],
    ['<lang\nen>hello</lang>', '<lang en>hello</lang>'],
    ['<00:00:01.500>sung', '<00:00:01.500>sung'],
    ['<i onclick="x()">x', '<i>x'],
    ['<script>alert(1)</script>', 'alert(1)'],
    ['<img src=x onerror=alert(1)>', ''],
    ['<v -->x', '<v ->x'],
    ['1 < 2 && 3 > 2 --> so', '1 &lt; 2 &amp;&amp; 3 &gt; 2 --&gt; so'],
    ['AT&T &amp; R&#233;mi &eacute; &;', 'AT&amp;T &amp; R&#233;mi &eacute; &amp;;'],
    ['one \n\n \t\n two', 'one\n two'],
    ['<<i>b>', '&lt;<i>b&gt;'],
    ['unclosed <i', 'unclosed &lt;i'],
  ])('%j becomes %j', (text, expected) => {
    expect(fitText(text)).toBe(expected);
  });

  it('leaves what it has made, without an arrow, a blank line, or a tag that WebVTT does not know', () => {
    const parts = fc.constantFrom(
      '<',
      '>',
      '&',
      '-',
      '/',
      ';',
      'i',
      'v',
      'c.a',
      ' ',
      '\n',
      'amp',
      '#39',
      '\t',
    );
    const text = fc.array(fc.oneof(parts, anyText())).map((list) => list.join(''));
    fc.assert(
      fc.property(text, (written) => {
        const fit = fitText(written);
        expect(fitText(fit)).toBe(fit);
        expect(fit).not.toContain('-->');
        expect(fit === '' || fit.split('\n').every((line) => line.trim() !== '')).toBe(true);
        const tags = fit.match(/<[^>]*>?/g) ?? [];
        expect(tags.filter((tag) => !/^<\/?(?:i|b|u|c|v|ruby|rt|lang)[. >]|^<\d/.test(tag))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
