import { AppError } from '../../schema/errors.js';
import { progressOf, type VideoProgress } from '../../schema/video-progress.js';
import type { Caller } from '../auth/caller.js';
import { releasing } from '../limits/releasing.js';
import type { SubscriptionQuota } from '../limits/subscription-quota.js';
import type { ProjectStore } from '../projects/project-store.js';
import type { VideoStore } from '../videos/video-store.js';
import type { Mailbox } from './mailbox.js';
import type { ProgressHub } from './progress-hub.js';
import type { ProgressReader } from './progress-reader.js';

/** The live progress a caller may follow. */
export interface ProgressSubscriptions {
  /** Starts with a snapshot of now, ends after a terminal account. @throws AppError NOT_FOUND, QUOTA_EXCEEDED */
  video(videoId: string, caller: Caller): Promise<AsyncIterable<VideoProgress>>;
  /**
   * Starts with a snapshot of each unfinished video of the project.
   * @throws AppError NOT_FOUND, QUOTA_EXCEEDED
   */
  project(projectId: string, caller: Caller): Promise<AsyncIterable<VideoProgress>>;
}

const MAX_SNAPSHOTS = 500;

export function createProgressSubscriptions(deps: {
  hub: ProgressHub;
  reader: ProgressReader;
  videos: VideoStore;
  projects: ProjectStore;
  quota: Pick<SubscriptionQuota, 'takeForOrganization'>;
}): ProgressSubscriptions {
  const { hub, reader, videos, projects, quota } = deps;

  return {
    video: (videoId, caller) =>
      primed(hub.watchVideo(videoId), async () => {
        const video = await videos.find(videoId, caller);
        if (!video) throw new AppError('NOT_FOUND');
        const release = await quota.takeForOrganization(video.organizationId);
        return { events: [progressOf(video)], release };
      }),

    project: (projectId, caller) =>
      primed(hub.watchProject(projectId), async () => {
        const project = await projects.find(projectId, caller);
        if (!project) throw new AppError('NOT_FOUND');
        const unfinished = await reader.ofUnfinished(projectId, MAX_SNAPSHOTS);
        const release = await quota.takeForOrganization(project.organizationId);
        return { events: unfinished.map(({ event }) => event), release };
      }),
  };
}

/** What there is to tell at once, and what to call when the subscription has ended. */
interface Snapshot {
  events: VideoProgress[];
  release: () => void;
}

/**
 * The mailbox is already registered when the snapshot is read, so that no account falls between them;
 * of one that arrives meanwhile and the snapshot, the newer one wins.
 */
async function primed(
  mailbox: Mailbox,
  readSnapshot: () => Promise<Snapshot>,
): Promise<AsyncIterable<VideoProgress>> {
  try {
    const { events, release } = await readSnapshot();
    for (const event of events) mailbox.offer(event);
    return releasing(mailbox.events, release);
  } catch (error) {
    await mailbox.events.return?.();
    throw error;
  }
}
