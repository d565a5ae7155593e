import { expect, it } from '@jest/globals';
import { createStallWatch } from './stall-watch.js';

const report = { frames: 1, outTimeMs: 40, speed: 1, totalBytes: 100 };

it('gives a run up only after its reports have said the same for too long', () => {
  let now = 0;
  const watch = createStallWatch(1000, () => now);
  now = 1000;
  expect(watch.stalled()).toBeUndefined();
  watch.seen(report);
  now = 1900;
  watch.seen({ ...report, speed: 0.5 });
  now = 2000;
  expect(watch.stalled()).toBeUndefined();
  now = 2001;
  expect(watch.stalled()).toMatchObject({ code: 'PROCESSING_TIMEOUT' });
  watch.seen({ ...report, totalBytes: 101 });
  expect(watch.stalled()).toBeUndefined();
});
