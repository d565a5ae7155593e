import { AppError } from '../../schema/errors.js';
import type { ProgressMessage } from '../../schema/messages.js';
import { createMailbox, type Mailbox } from './mailbox.js';

/** What is watched and may have missed something. */
export interface StaleTopics {
  videoIds: string[];
  projectIds: string[];
}

/** Hands every progress account to those who watch its video or its project. */
export interface ProgressHub {
  publish(message: ProgressMessage): void;
  /** Watches one video from now on; ends after a terminal account. Must be iterated, or its `events.return` called. */
  watchVideo(videoId: string): Mailbox;
  /** Watches every video of a project from now on. */
  watchProject(projectId: string): Mailbox;
  /** Ends the subscriptions to a video that does not exist any more. */
  forget(videoId: string): void;
  /**
   * Videos not heard of for `quietMs`, at most `limit` and the quietest first, and all watched projects.
   * Those videos count as heard of from now.
   */
  takeStale(quietMs: number, limit: number): StaleTopics;
  /** Open subscriptions. */
  readonly size: number;
}

interface VideoTopic {
  watchers: Set<Mailbox>;
  latest?: ProgressMessage['event'];
  heardAt: number;
}

/** Videos of one project that may wait for one slow subscriber. */
const MAX_PENDING_VIDEOS = 1_000;

const tooSlow = () =>
  new AppError('UNAVAILABLE', {
    message: 'The subscriber cannot keep up: subscribe again for a fresh start.',
  });

export function createProgressHub(deps: { now?: () => number } = {}): ProgressHub {
  const now = deps.now ?? Date.now;
  // In the order they were last heard of: the quietest first.
  const videos = new Map<string, VideoTopic>();
  const projects = new Map<string, Set<Mailbox>>();
  let size = 0;

  function touch(videoId: string, topic: VideoTopic): void {
    topic.heardAt = now();
    videos.delete(videoId);
    videos.set(videoId, topic);
  }

  function leave<T>(topics: Map<string, T>, key: string, watchers: Set<Mailbox>, mailbox: Mailbox): void {
    watchers.delete(mailbox);
    size -= 1;
    if (watchers.size === 0) topics.delete(key);
  }

  return {
    publish({ projectId, event }) {
      for (const mailbox of [...(projects.get(projectId) ?? [])]) mailbox.offer(event);
      const topic = videos.get(event.videoId);
      if (!topic || event.sequence <= (topic.latest?.sequence ?? -1)) return;
      topic.latest = event;
      touch(event.videoId, topic);
      for (const mailbox of [...topic.watchers]) mailbox.offer(event);
    },

    watchVideo(videoId) {
      const topic = videos.get(videoId) ?? { watchers: new Set(), heardAt: now() };
      videos.set(videoId, topic);
      const mailbox = createMailbox({
        untilTerminal: true,
        maxPending: 1,
        onOverflow: tooSlow,
        onEnd: () => leave(videos, videoId, topic.watchers, mailbox),
      });
      topic.watchers.add(mailbox);
      size += 1;
      if (topic.latest) mailbox.offer(topic.latest);
      return mailbox;
    },

    watchProject(projectId) {
      const watchers = projects.get(projectId) ?? new Set();
      projects.set(projectId, watchers);
      const mailbox = createMailbox({
        untilTerminal: false,
        maxPending: MAX_PENDING_VIDEOS,
        onOverflow: tooSlow,
        onEnd: () => leave(projects, projectId, watchers, mailbox),
      });
      watchers.add(mailbox);
      size += 1;
      return mailbox;
    },

    forget(videoId) {
      for (const mailbox of [...(videos.get(videoId)?.watchers ?? [])]) mailbox.complete();
    },

    takeStale(quietMs, limit) {
      const videoIds: string[] = [];
      for (const [videoId, topic] of videos) {
        if (videoIds.length === limit || now() - topic.heardAt < quietMs) break;
        videoIds.push(videoId);
      }
      for (const videoId of videoIds) {
        const topic = videos.get(videoId);
        if (topic) touch(videoId, topic);
      }
      return { videoIds, projectIds: [...projects.keys()] };
    },

    get size() {
      return size;
    },
  };
}
