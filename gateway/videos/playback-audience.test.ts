import { describe, expect, it } from '@jest/globals';
import type { Video } from '../../schema/video.js';
import { audienceOf } from './playback-audience.js';

const renditions = [{ width: 1280, height: 720 }, { width: 640, height: 360 }, {}] as Video['renditions'];

describe('the audience of a playback', () => {
  it('is what the caller restricts', () => {
    const viewer = { userId: 'u', ipPrefix: '192.0.2.0/24', referrers: ['WWW.example.com'], maxHeight: 480 };
    expect(audienceOf(viewer, { renditions })).toEqual({ ...viewer, referrers: ['www.example.com'] });
    expect(audienceOf({ userId: null }, { renditions })).toBeUndefined();
    expect(audienceOf({}, { renditions })).toBeUndefined();
  });

  it('always has the smallest rendition, by its short side', () => {
    expect(audienceOf({ maxHeight: 144 }, { renditions })).toEqual({ maxHeight: 360 });
    const portrait = [{ width: 240, height: 426 }] as Video['renditions'];
    expect(audienceOf({ maxHeight: 144 }, { renditions: portrait })).toEqual({ maxHeight: 240 });
    expect(audienceOf({ maxHeight: 144 }, { renditions: [] })).toEqual({ maxHeight: 144 });
  });

  it.each([
    [{ ipPrefix: '192.0.2.0/33' }, 'viewer.ipPrefix'],
    [{ ipPrefix: 'example.com' }, 'viewer.ipPrefix'],
    [{ referrers: ['https://example.com'] }, 'viewer.referrers'],
    [{ referrers: ['example.com', '*'] }, 'viewer.referrers'],
  ])('refuses %j', (viewer, field) => {
    expect(() => audienceOf(viewer, { renditions })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });
});
