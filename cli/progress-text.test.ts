import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatBar, formatBytes, formatDuration, processingText, uploadText } from './progress-text.js';
import type { VideoProgress } from './video-progress.js';

const progress: VideoProgress = {
  videoId: 'video_1',
  generation: 1,
  sequence: 4,
  uploadStatus: 'RECEIVED',
  status: 'PROCESSING',
  stage: 'TRANSCODING',
  playable: false,
  percent: 41.9,
  playableSeconds: 0,
  workers: 1,
  speed: 2.34,
  etaSeconds: 75,
  queuePosition: null,
  error: null,
};

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [99_960, '100 KB'],
    [999_600, '1.0 MB'],
    [12_340_000_000, '12.3 GB'],
    [5e15, '5000 TB'],
  ])('%d → %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [-1, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [200, '3 min 20 s'],
    [7_500, '2 h 05 min'],
  ])('%d → %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('formatBar', () => {
  it('has its width, whatever the percentage', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 150, noNaN: true }),
        fc.integer({ min: 1, max: 80 }),
        (percent, cells) => {
          expect(formatBar(percent, cells)).toHaveLength(cells);
        },
      ),
    );
  });

  it('is full at 100 percent only', () => {
    expect(formatBar(99.9, 4)).toBe('━━━─');
    expect(formatBar(100, 4)).toBe('━━━━');
  });
});

describe('uploadText', () => {
  it('says how much, how fast and how long', () => {
    expect(uploadText(15_000_000, 30_000_000, 5_000_000)).toBe(
      'uploading  ━━━━━━━━━━━━────────────  50 %  15.0 MB of 30.0 MB  5.0 MB/s  3 s left',
    );
  });

  it('promises nothing before the first byte', () => {
    expect(uploadText(0, 100, 0)).toBe('uploading  ────────────────────────   0 %  0 B of 100 B');
  });
});

describe('processingText', () => {
  it('says how far, how fast and how long', () => {
    expect(processingText(progress)).toBe(
      'processing ━━━━━━━━━━──────────────  41 %  2.3 × real time  1 min 15 s left',
    );
  });

  it('says the place in the queue', () => {
    const queued: VideoProgress = {
      ...progress,
      status: 'QUEUED',
      percent: 0,
      speed: null,
      etaSeconds: null,
    };
    expect(processingText({ ...queued, queuePosition: 3 })).toBe(
      'queued     ────────────────────────   0 %  place 3 in the queue',
    );
  });

  it('marks a video that can be watched already', () => {
    expect(processingText({ ...progress, playable: true })).toMatch(/ {2}▶ playable$/);
  });
});
