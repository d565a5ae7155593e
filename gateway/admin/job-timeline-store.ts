import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import { inLane, Job, type JobLane, JobState, laneOf } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import type { ControlStore } from './control-store.js';
import { inOrderOfWork, jobTimeline } from './job-timeline.js';
import type { JobsArgs, JobTimeline } from './job-timeline-types.js';
import { type LineEntry, placesIn } from './queue-place.js';
import type { WorkerStatsStore } from './worker-stats-store.js';

/** Everything that was done, is done and will be done for a video. */
export interface JobTimelineStore {
  /** The jobs of one generation, in the order of the work. @throws AppError NOT_FOUND */
  read(args: JobsArgs): Promise<JobTimeline[]>;
}

/** The longest film that is accepted has fewer. */
const MAX_JOBS = 20_000;
/** Of the queue that is read to find places in it. */
const MAX_LINE = 10_000;

export function createJobTimelineStore(deps: {
  db: Database;
  control: Pick<ControlStore, 'read'>;
  workers: Pick<WorkerStatsStore, 'isAnyAlive'>;
  maxTimeMs: number;
}): JobTimelineStore {
  const jobs = deps.db.model(Job);
  const videos = deps.db.model(Video);

  /** The head of a lane's queue, in the order of claims. */
  const readLine = (lane: JobLane): Promise<LineEntry[]> =>
    jobs
      .find({ state: JobState.QUEUED, ...inLane(lane) }, { organizationId: 1 })
      .sort({ rank: 1, seq: 1 })
      .limit(MAX_LINE)
      .maxTimeMS(deps.maxTimeMs)
      .lean<LineEntry[]>();

  return {
    async read({ videoId, generation }) {
      const video = await videos.findById(videoId, { generation: 1, organizationId: 1 }).lean<Video>();
      if (!video) throw new AppError('NOT_FOUND');
      const found = await jobs
        .find({ videoId, generation: generation ?? video.generation }, { result: 0 })
        .limit(MAX_JOBS)
        .maxTimeMS(deps.maxTimeMs)
        .lean<Job[]>();
      const queued = found.find(({ state }) => state === JobState.QUEUED);
      const [line, { paused: isPaused }, hasWorkers] = await Promise.all([
        queued ? readLine(laneOf(queued.kind)) : [],
        deps.control.read(),
        deps.workers.isAnyAlive(),
      ]);
      const placeOf = placesIn(line, video.organizationId);
      return found.toSorted(inOrderOfWork).map((job) => jobTimeline(job, placeOf, { isPaused, hasWorkers }));
    },
  };
}
