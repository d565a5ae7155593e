import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createProgressReader, type FfmpegProgress } from './ffmpeg-progress.js';

const text = [
  'frame=12\nfps=0.0\nstream_0_0_q=0.0\nbitrate=N/A\ntotal_size=N/A\nout_time_us=400000\nout_time=00:00:00.400000\nspeed=N/A\nprogress=continue\n',
  'frame=60\nfps=29.9\ntotal_size=1048576\nout_time_us=2000000\nspeed=1.87x\nprogress=end\n',
].join('');
const expected: FfmpegProgress[] = [
  { frames: 12, outTimeMs: 400, speed: 0, totalBytes: 0 },
  { frames: 60, outTimeMs: 2000, speed: 1.87, totalBytes: 1_048_576 },
];

it('reads a report at the end of every block, however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
      const reports: FfmpegProgress[] = [];
      const read = createProgressReader((report) => reports.push(report));
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      at.slice(1).forEach((end, index) => read(text.slice(at[index], end)));
      expect(reports).toEqual(expected);
    }),
  );
});

it('survives text that is no report', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (pieces) => {
      const read = createProgressReader(({ frames }) => expect(frames).toBeGreaterThanOrEqual(0));
      pieces.forEach(read);
    }),
  );
});
