import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { videoFixture } from '../../test/media/probe-fixture.js';
import { displaySize } from './display-size.js';
import type { ProbedStream } from './probe.js';
import { planRungs } from './rungs.js';

const sizes = (stream: Partial<ProbedStream>, maxHeight = 1080): string[] =>
  planRungs(displaySize(videoFixture(stream)), maxHeight).map(
    (track) => `${track.name} ${track.encodedWidth}x${track.encodedHeight} ${track.maxRateKbps}`,
  );

describe('the rungs of a picture', () => {
  it('are all that are not taller than it', () => {
    expect(sizes({ width: 1280, height: 720 })).toEqual([
      'v720 1280x720 2800',
      'v480 854x480 1400',
      'v360 640x360 800',
      'v240 426x240 400',
    ]);
  });

  it('stop at the height the operator allows', () => {
    expect(sizes({ width: 3840, height: 2160 }, 2160)[0]).toBe('v2160 3840x2160 16000');
    expect(sizes({ width: 3840, height: 2160 })[0]).toBe('v1080 1920x1080 5000');
    expect(sizes({ width: 3840, height: 2160 }, 100)).toEqual(['v100 178x100 400']);
  });

  it('are those that are wanted, or the lowest where none of them fits', () => {
    const size = displaySize(videoFixture({ width: 1280, height: 720 }));
    const chosen = (wanted: number[]) => planRungs(size, 480, wanted).map(({ height }) => height);
    expect(chosen([240, 480])).toEqual([480, 240]);
    expect(chosen([720, 1080])).toEqual([240]);
  });

  it('go by the short side, as it is shown', () => {
    expect(sizes({ width: 1080, height: 1920 })[0]).toBe('v1080 1080x1920 5000');
    const turned = { width: 1920, height: 1080, side_data_list: [{ rotation: -90 }] };
    expect(sizes(turned)[0]).toBe('v1080 1080x1920 5000');
    expect(sizes({ width: 720, height: 576, sample_aspect_ratio: '64:45' })[0]).toBe('v480 854x480 1400');
    expect(sizes({ width: 1440, height: 1080, sample_aspect_ratio: '3:4' })[0]).toBe('v1080 1080x1080 5000');
  });

  it('are one of its own size for a small picture, with even sides', () => {
    expect(sizes({ width: 321, height: 181 })).toEqual(['v180 320x180 400']);
    expect(sizes({ width: 3, height: 2 })).toEqual(['v2 4x2 400']);
  });

  it('ignore a pixel shape that cannot be meant', () => {
    expect(sizes({ width: 320, height: 240, sample_aspect_ratio: '1:30000' })).toEqual(['v240 320x240 400']);
    expect(sizes({ width: 320, height: 240, sample_aspect_ratio: '0:1' })).toEqual(['v240 320x240 400']);
  });

  it('never enlarge, and keep the shape to within two pixels', () => {
    const side = fc.integer({ min: 16, max: 8192 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        for (const track of planRungs(displaySize(videoFixture({ width, height })), 2160)) {
          expect(Math.min(track.encodedWidth, track.encodedHeight)).toBeLessThanOrEqual(
            Math.min(width, height),
          );
          expect((track.encodedWidth % 2) + (track.encodedHeight % 2)).toBe(0);
          const scale = track.height / Math.min(width, height);
          expect(Math.abs(track.encodedWidth - width * scale)).toBeLessThanOrEqual(2);
          expect(Math.abs(track.encodedHeight - height * scale)).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});
