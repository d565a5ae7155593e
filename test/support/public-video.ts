import { newId } from '../../schema/ids.js';
import type { PlayableVideo } from '../../streamer/video-store.js';

/** A READY video with a picture, as the streamer reads it. */
export const playableVideo = (given: Partial<PlayableVideo> = {}): PlayableVideo => ({
  ...{ _id: newId('video'), projectId: newId('project'), title: 'A film', status: 'READY', generation: 1 },
  source: { filename: 'film.mp4', sizeBytes: 1 },
  renditions: [
    { ...{ name: 'Audio 1', codecs: 'mp4a.40.2' }, bandwidthBps: 100_000, averageBandwidthBps: 90_000 },
    {
      ...{ name: '360p', width: 640, height: 360, frameRate: 30, codecs: 'avc1.64001E' },
      ...{ bandwidthBps: 800_000, averageBandwidthBps: 600_000 },
    },
  ],
  createdAt: new Date('2026-03-01T10:00:00Z'),
  readyAt: new Date('2026-03-01T10:01:00Z'),
  project: {},
  ...given,
});
