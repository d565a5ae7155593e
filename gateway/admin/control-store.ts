import type { JobQueue } from '../../platform/job-queue.js';
import type { Database } from '../../platform/mongo.js';
import { DispatchControl } from '../../schema/dispatch-state.js';
import type { Priority } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { Job, JobState } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import type { ProcessingControl } from './control-types.js';

/** What administrators change about the order of work, and whether there is any. */
export interface ControlStore {
  read(): Promise<ProcessingControl>;
  /** Pauses or resumes; what it is already stays as it is. */
  setPaused(isPaused: boolean): Promise<ProcessingControl>;
  /** Also places anew what the video has queued; nothing moves where it has that priority. @throws AppError NOT_FOUND */
  setPriority(videoId: string, priority: Priority): Promise<Video>;
}

export function createControlStore(deps: { db: Database; queue: Pick<JobQueue, 'rerank'> }): ControlStore {
  const control = deps.db.model(DispatchControl);
  const videos = deps.db.model(Video);
  const jobs = deps.db.model(Job);

  return {
    async read() {
      return toControl(await control.findById('control').lean<DispatchControl>());
    },

    async setPaused(isPaused) {
      const unchanged = { $eq: ['$isPaused', isPaused] };
      const stored = await control
        .findOneAndUpdate(
          { _id: 'control' },
          [{ $set: { isPaused, changedAt: { $cond: [unchanged, '$changedAt', '$$NOW'] } } }],
          { upsert: true, returnDocument: 'after', updatePipeline: true },
        )
        .lean<DispatchControl>();
      return toControl(stored);
    },

    async setPriority(videoId, priority) {
      const video = await videos
        .findOneAndUpdate({ _id: videoId }, { $set: { priority } }, { returnDocument: 'after' })
        .lean<Video>();
      if (!video) throw new AppError('NOT_FOUND');
      const { organizationId, generation } = video;
      // Placing jobs anew charges their organization: not twice for the same wish.
      const misplaced = await jobs.exists({
        ...{ videoId, generation, priority: { $ne: priority } },
        state: { $in: [JobState.QUEUED, JobState.WAITING] },
      });
      if (misplaced) await deps.queue.rerank({ videoId, organizationId, generation, priority });
      return video;
    },
  };
}

const toControl = (stored: DispatchControl | null): ProcessingControl => ({
  paused: stored?.isPaused ?? false,
  changedAt: stored?.changedAt ?? null,
});
