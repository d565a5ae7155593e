import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProcessingStage, UploadStatus, VideoStatus } from './enums.js';
import { decodeDispatchHint, decodeProgress, encodeDispatchHint, encodeProgress } from './messages.js';
import { progressOf, type ProgressSource } from './video-progress.js';

const video: ProgressSource = {
  _id: 'video_1',
  generation: 2,
  uploadStatus: UploadStatus.RECEIVED,
  status: VideoStatus.PROCESSING,
  playable: true,
  progress: {
    sequence: 7,
    stage: ProcessingStage.TRANSCODING,
    percent: 12.5,
    playableSeconds: 4,
    renditions: [{ name: '720p', percent: 3 }],
    workers: 2,
    at: new Date('2026-01-02T03:04:05.678Z'),
  },
};

describe('messages', () => {
  it('come back as they were sent', () => {
    expect(decodeDispatchHint(Buffer.from(encodeDispatchHint('job_1')))).toEqual({ v: 1, jobId: 'job_1' });
    const event = progressOf(video, 3);
    const decoded = decodeProgress(Buffer.from(encodeProgress('project_1', event)));
    expect(decoded).toEqual({ v: 1, projectId: 'project_1', event });
  });

  it('of another version, or none, are not understood and do not throw', () => {
    expect(decodeDispatchHint(Buffer.from('{"v":2,"jobId":"job_1"}'))).toBeUndefined();
    expect(decodeProgress(null)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeProgress(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });
});
