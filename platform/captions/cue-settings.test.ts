import { describe, expect, it } from '@jest/globals';
import { fitSettings, fromSubRip } from './cue-settings.js';

describe('fitSettings', () => {
  it.each([
    ['', ''],
    [
      'line:0 position:20%,line-left size:60.5% align:start',
      'line:0 position:20%,line-left size:60.5% align:start',
    ],
    ['vertical:rl\tline:-1', 'vertical:rl line:-1'],
    ['align:start align:end', 'align:end'],
    ['region:fred align:middle position:101% size:-1% line:1,2 foo:bar constructor:x', ''],
    ['line:100%,center', 'line:100%,center'],
  ])('keeps of %j what WebVTT knows', (text, expected) => {
    expect(fitSettings(text)).toBe(expected);
    expect(fitSettings(expected)).toBe(expected);
  });
});

describe('fromSubRip', () => {
  it.each([
    ['{\\an8}Above', 'Above', 'line:0'],
    ['{\\an4}Left', 'Left', 'line:50% align:left'],
    ['{\\an3}Right', 'Right', 'align:right'],
    ['{\\an2}{\\b1}Usual{\\b0}', 'Usual', ''],
    ['One<br>two<BR />three', 'One\ntwo\nthree', ''],
    ['{not one}', '{not one}', ''],
  ])('takes the place out of %j', (written, text, settings) => {
    expect(fromSubRip(written)).toEqual({ text, settings });
  });
});
