import { LRUCache } from 'lru-cache';
import type { Logger } from '../platform/logger.js';
import { playbackTerms, playedGeneration } from '../platform/playback-urls.js';
import type { OpenedClaims } from '../platform/tokens.js';
import { isPublic } from '../schema/playback-policy.js';
import type { PublicAccess } from './admission.js';
import { createSingleFlight } from './single-flight.js';
import type { PlayableVideo, VideoStore } from './video-store.js';

/** As the database says. */
export interface PublicVideos extends PublicAccess {
  /**
   * A playable video of a public project; undefined where there is none.
   * @throws AppError UNAVAILABLE where the database does not answer and nothing is known
   */
  find(videoId: string, signal?: AbortSignal): Promise<PlayableVideo | undefined>;
}

interface Known {
  video: PlayableVideo | undefined;
  /** Epoch milliseconds. */
  freshUntil: number;
}

/** What a project says of its videos holds within this time. */
const FRESH_MS = 4_000;
const MAX_KNOWN = 10_000;

/** Remembers what the database said; while it does not answer, that holds. */
export function createPublicVideos(deps: {
  videos: Pick<VideoStore, 'findPlayable'>;
  log: Logger;
  /** Aborted when the process ends. */
  stopping: AbortSignal;
  now?: () => number;
}): PublicVideos {
  const { videos, log, stopping, now = Date.now } = deps;
  const flights = createSingleFlight<PlayableVideo | undefined>();
  const known = new LRUCache<string, Known>({ max: MAX_KNOWN });

  async function ask(videoId: string): Promise<PlayableVideo | undefined> {
    const askedAt = now();
    const found = await videos.findPlayable(videoId);
    const video = found && isPublic(found.project) ? found : undefined;
    known.set(videoId, { video, freshUntil: askedAt + FRESH_MS });
    return video;
  }

  const refresh = (videoId: string, signal: AbortSignal) => flights.run(videoId, signal, () => ask(videoId));

  async function find(videoId: string, signal: AbortSignal = stopping): Promise<PlayableVideo | undefined> {
    const last = known.get(videoId);
    if (last && last.freshUntil > now()) return last.video;
    try {
      return await refresh(videoId, signal);
    } catch (error) {
      if (!last) throw error;
      last.freshUntil = now() + FRESH_MS;
      return last.video;
    }
  }

  return {
    find,

    async open({ token, purpose }, signal) {
      const video = await find(token, signal);
      return video && publicClaims(video, { purpose, at: now() });
    },

    isPrivate(videoId) {
      const last = known.get(videoId);
      if (!last || last.freshUntil <= now()) {
        if (last) last.freshUntil = now() + FRESH_MS;
        refresh(videoId, stopping).catch((err: unknown) =>
          log.warn({ err, videoId }, 'not known to be public'),
        );
      }
      return last !== undefined && last.video === undefined;
    },
  };
}

/** What is public is given for so long at a time; its URL stays the same. */
const MEDIA_MS = 24 * 3_600_000;

const publicClaims = (
  video: PlayableVideo,
  { purpose, at }: Pick<OpenedClaims, 'purpose'> & { at: number },
): OpenedClaims => ({
  ...{ purpose, keyId: '', isPublic: true },
  ...playbackTerms(video, video.project),
  generation: playedGeneration(video).generation,
  expiresAt: new Date(at + MEDIA_MS),
});
