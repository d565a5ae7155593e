import { AppError } from '../../schema/errors.js';
import { progressOf, type VideoProgress } from '../../schema/video-progress.js';
import type { Caller } from '../auth/caller.js';
import type { ProjectStore } from '../projects/project-store.js';
import type { VideoStore } from '../videos/video-store.js';
import type { Mailbox } from './mailbox.js';
import type { ProgressHub } from './progress-hub.js';
import type { ProgressReader } from './progress-reader.js';

/** The live progress a caller may follow. */
export interface ProgressSubscriptions {
  /** Starts with a snapshot of now, ends after a terminal account. @throws AppError NOT_FOUND */
  video(videoId: string, caller: Caller): Promise<AsyncIterable<VideoProgress>>;
  /** Starts with a snapshot of each unfinished video of the project. @throws AppError NOT_FOUND */
  project(projectId: string, caller: Caller): Promise<AsyncIterable<VideoProgress>>;
}

const MAX_SNAPSHOTS = 500;

export function createProgressSubscriptions(deps: {
  hub: ProgressHub;
  reader: ProgressReader;
  videos: VideoStore;
  projects: ProjectStore;
}): ProgressSubscriptions {
  const { hub, reader, videos, projects } = deps;

  return {
    video: (videoId, caller) =>
      primed(hub.watchVideo(videoId), async () => {
        const video = await videos.find(videoId, caller);
        if (!video) throw new AppError('NOT_FOUND');
        return [progressOf(video)];
      }),

    project: (projectId, caller) =>
      primed(hub.watchProject(projectId), async () => {
        if (!(await projects.find(projectId, caller))) throw new AppError('NOT_FOUND');
        return (await reader.ofUnfinished(projectId, MAX_SNAPSHOTS)).map(({ event }) => event);
      }),
  };
}

/**
 * The mailbox is already registered when the snapshot is read, so that no account falls between them;
 * of one that arrives meanwhile and the snapshot, the newer one wins.
 */
async function primed(
  mailbox: Mailbox,
  readSnapshot: () => Promise<VideoProgress[]>,
): Promise<AsyncIterable<VideoProgress>> {
  try {
    for (const event of await readSnapshot()) mailbox.offer(event);
    return mailbox.events;
  } catch (error) {
    await mailbox.events.return?.();
    throw error;
  }
}
