import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '../../test/support/any-text.js';
import { displayFilename, displayText, titleOfFile } from './display-text.js';

describe('text of clients', () => {
  it('is one line of at most 255 characters, whatever was sent', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 600 }), (text) => {
        const shown = displayText(text);
        expect(Array.from(shown).length).toBeLessThanOrEqual(255);
        expect(shown).not.toMatch(/[\p{Cc}\u202E]/u);
        expect(shown).toBe(shown.trim());
        expect(displayText(shown)).toBe(shown);
      }),
    );
  });

  it.each([
    ['holiday.mp4', 'holiday.mp4'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\films\\my film.mov', 'my film.mov'],
    ['a\u0000b\n.mp4', 'a b .mp4'],
    ['', 'video'],
    ['folder/', 'video'],
  ])('shows the file name %j as %j', (sent, shown) => expect(displayFilename(sent)).toBe(shown));

  it.each([
    ['holiday.mp4', 'holiday'],
    ['v1.2 final.mp4', 'v1.2 final'],
    ['.mp4', '.mp4'],
    ['Dr. Strange', 'Dr. Strange'],
  ])('titles %j as %j', (filename, title) => expect(titleOfFile(filename)).toBe(title));
});
