import type { ClientSession } from 'mongoose';
import { Job, JobKind, JobState } from '../../schema/job.js';
import type { Video } from '../../schema/video.js';
import type { JobQueue, NewJob } from '../job-queue.js';
import type { Database } from '../mongo.js';

/** A few small files are read and written. */
const COST_SECONDS = 0.5;

/** States of a job that will still look at the captions of its video, before it is done. */
const open = [JobState.WAITING, JobState.QUEUED, JobState.CLAIMED];

const publishing: NewJob = {
  kind: JobKind.CAPTIONS,
  state: JobState.QUEUED,
  jobClass: 'URGENT',
  cost: COST_SECONDS,
};

/** The jobs that publish captions of finished films: never more than one of a generation. */
export interface CaptionsJobs {
  /**
   * Sees to it that the latest captions of a READY video are published, within the caller's transaction, which
   * has to change the video too. Returns the ids of jobs to hint.
   */
  queue(video: Video, session: ClientSession): Promise<string[]>;
}

export function createCaptionsJobs(deps: { db: Database; queue: Pick<JobQueue, 'enqueue'> }): CaptionsJobs {
  const jobs = deps.db.model(Job);
  return {
    async queue({ _id: videoId, organizationId, generation, priority }, session) {
      const same = { videoId, generation, kind: JobKind.CAPTIONS };
      // One that is at work cannot end with older captions: it has to change the video at its end, as we do.
      if (await jobs.exists({ ...same, state: { $in: open } }).session(session)) return [];
      await jobs.deleteOne(same, { session });
      return deps.queue.enqueue({ videoId, organizationId, generation, priority }, [publishing], session);
    },
  };
}
