import { createGenerations, type Generations } from '../../platform/generations.js';
import { createJobQueue, type JobQueue } from '../../platform/job-queue.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { createJobStore, type JobStore } from '../../processor/pool/job-store.js';
import { createVideoTracker, type VideoTracker } from '../../processor/progress/video-tracker.js';
import { BlobRemoval } from '../../schema/blob-removal.js';
import { DeadLetter } from '../../schema/dead-letter.js';
import { DispatchClock, Flow } from '../../schema/dispatch-state.js';
import { ProcessingStage, UploadStatus, VideoStatus } from '../../schema/enums.js';
import { newId } from '../../schema/ids.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { withTestDatabase } from './test-database.js';

/** What changes videos and their jobs, on a database of its own. */
export interface GenerationsFixture {
  db: Database;
  generations: Generations;
  queue: JobQueue;
  publisher: Publisher;
  store: JobStore;
  tracker: VideoTracker;
  /** Topics of what was sent. */
  sent: string[];
  addVideo: (part?: Partial<Video>) => Promise<{ videoId: string; generation: number }>;
}

/** Of every video. */
export const owner = { organizationId: 'org_a', priority: 'NORMAL' } as const;
const error = { code: 'UNSUPPORTED_MEDIA', message: 'No film.', retryable: false };
export const failed = { status: VideoStatus.FAILED, error };
export const stopped = { status: VideoStatus.STOPPED, reason: 'enough' };

/** Runs `work` with processing as it changes videos, and messages that go nowhere. */
export async function withGenerations(work: (fixture: GenerationsFixture) => Promise<void>): Promise<void> {
  const classes = [Video, Job, Flow, DispatchClock, BlobRemoval, DeadLetter];
  await withTestDatabase(classes, async (db) => {
    const sent: string[] = [];
    const publisher = {
      publish: (topic: string) => Promise.resolve(sent.push(topic) > 0),
      close: () => Promise.resolve(),
    };
    const queue = createJobQueue({ db, publisher });
    await work({
      ...{ db, queue, publisher, sent },
      generations: createGenerations({ db, publisher, queue }),
      store: createJobStore({ db, leaseSeconds: 30 }),
      tracker: createVideoTracker({ db, publisher }),
      async addVideo(part = {}) {
        const _id = newId('video');
        await db.model(Video).create({
          ...{ _id, ...owner, projectId: 'project_a', title: 'Film', generation: 1 },
          uploadStatus: UploadStatus.RECEIVED,
          status: VideoStatus.PROCESSING,
          playable: true,
          renditions: [],
          progress: { sequence: 5, percent: 40, stage: ProcessingStage.TRANSCODING, at: new Date(0) },
          ...part,
        });
        return { videoId: _id, generation: 1 };
      },
    });
  });
}
