import { describe, expect, it } from '@jest/globals';
import { MEASURED_PIXELS_PER_SECOND } from './chunk-policy.js';
import { createEncodingPower } from './encoding-power.js';

const powerOf = (measured: number | undefined) =>
  createEncodingPower({
    config: { PROCESSOR_CORES: 8, CONSUMERS_MAX: 4 },
    speed: { measured: () => Promise.resolve(measured) },
    registry: { others: () => Promise.resolve({ slots: 3, maxSlots: 16 }) },
    ownSlots: () => 2,
  })();

describe('createEncodingPower', () => {
  it('expects of every slot there may be its share of the cores', async () => {
    expect(await powerOf(undefined)).toEqual({ pixelsPerSecond: 2 * MEASURED_PIXELS_PER_SECOND, slots: 20 });
  });

  it('takes what was measured for the slots there are', async () => {
    expect(await powerOf(5e6)).toEqual({ pixelsPerSecond: 5e6, slots: 5 });
  });
});
