import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { audioTrackName, hlsFileKind, hlsFiles, videoTrackName } from './blob-paths.js';
import { newId } from './ids.js';

const attempt = fc.integer({ min: 1, max: 99_999 });
const segment = fc.integer({ min: 0, max: 99_999 });
const track = fc.oneof(
  fc.integer({ min: 2, max: 2160 }).map(videoTrackName),
  fc.integer({ min: 0, max: 63 }).map(audioTrackName),
);

describe('hlsFileKind', () => {
  it('knows every name that the platform builds', () => {
    fc.assert(
      fc.property(track, segment, attempt, (name, number, run) => {
        expect(hlsFileKind(hlsFiles.media(name))).toBe('media');
        expect(hlsFileKind(hlsFiles.iframes(videoTrackName(number % 5000)))).toBe('media');
        expect(hlsFileKind(hlsFiles.init(name, run))).toBe('init');
        expect(hlsFileKind(hlsFiles.segment(name, number, run))).toBe('segment');
        expect(hlsFileKind(hlsFiles.sprite(number, run))).toBe('sprite');
        const captions = newId('captions');
        expect(hlsFileKind(hlsFiles.media(captions))).toBe('media');
        expect(hlsFileKind(hlsFiles.captions(captions, number))).toBe('captions');
      }),
    );
  });

  it.each([
    '',
    '../v720/media.m3u8',
    'v720/../a0/media.m3u8',
    'v720//media.m3u8',
    'v720/media.m3u8/',
    'v720/media.m3u8\n',
    'v720/s1.1.m4s',
    'V720/media.m3u8',
    'v720/s00001.1.mp4',
    'a0/iframes.m3u8',
    'source',
    'captions_1/media.m3u8',
    `${newId('video')}/media.m3u8`,
  ])('refuses %j', (name) => {
    expect(hlsFileKind(name)).toBeUndefined();
  });
});
