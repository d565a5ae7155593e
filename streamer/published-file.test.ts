import { describe, expect, it } from '@jest/globals';
import { BufferBody } from '../platform/memory/body.js';
import { cacheControl, isFinal } from './published-file.js';

describe('isFinal', () => {
  it('holds for names that carry an attempt and for playlists that have ended', () => {
    const ended = new BufferBody(Buffer.from('#EXTM3U\ns00000.1.m4s\n#EXT-X-ENDLIST\n'));
    const growing = new BufferBody(Buffer.from('#EXTM3U\ns00000.1.m4s\n'));
    expect(isFinal('segment', growing)).toBe(true);
    expect(isFinal('init', growing)).toBe(true);
    expect(isFinal('sprite', growing)).toBe(true);
    expect(isFinal('captions', growing)).toBe(true);
    expect(isFinal('media', ended)).toBe(true);
    expect(isFinal('media', growing)).toBe(false);
    expect(isFinal('master', ended)).toBe(false);
    expect(isFinal('poster', ended)).toBe(false);
  });
});

describe('cacheControl', () => {
  it.each([
    ['segment', true, 100.9, 'public, max-age=100, immutable'],
    ['segment', true, 1e12, 'public, max-age=31536000, immutable'],
    ['segment', true, -5, 'public, max-age=0, immutable'],
    ['media', true, 100, 'public, max-age=100, immutable'],
    ['media', false, 100, 'public, max-age=2'],
    ['media', false, 1, 'public, max-age=1'],
    ['poster', false, 1000, 'public, max-age=300'],
    ['storyboard', false, 10, 'public, max-age=10'],
    ['master', false, 1000, 'private, no-store'],
  ] as const)('%s (final: %s) with %d s left', (kind, final, secondsLeft, expected) => {
    expect(cacheControl(kind, final, { secondsLeft, isShared: true })).toBe(expected);
    const own = cacheControl(kind, final, { secondsLeft, isShared: false });
    expect(own).toBe(expected.replace('public', 'private'));
  });
});
