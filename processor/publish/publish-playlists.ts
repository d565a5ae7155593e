import type { GenerationRef } from '../../platform/generations.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import { frameTime } from '../plan/grid.js';
import { toNumber } from '../plan/rational.js';
import type { PublishedState, VideoTracker } from '../progress/video-tracker.js';
import type { ChunkResultStore } from './chunk-result-store.js';
import { describeRenditions } from './describe-renditions.js';
import { masterPlaylist } from './master-playlist.js';
import { mediaPlaylist } from './media-playlist.js';
import type { PlaylistStore } from './playlist-store.js';
import { leadChunks, publishedPrefix, type PublishedPrefix } from './published-prefix.js';

export interface PlaylistPublisher {
  /**
   * Publishes what is complete from the start of the film, after a chunk was added to it. Any number of
   * workers may do so at once: the one that knows of more chunks wins.
   */
  grow(ref: GenerationRef, plan: TranscodePlan): Promise<void>;
  /** Closes the playlists of a whole film. Returns what is playable, for the video's last transition. */
  close(ref: GenerationRef, plan: TranscodePlan, results: readonly ChunkResult[]): Promise<PublishedState>;
}

export function createPlaylistPublisher(deps: {
  results: ChunkResultStore;
  playlists: PlaylistStore;
  tracker: Pick<VideoTracker, 'published'>;
}): PlaylistPublisher {
  async function write(
    ref: GenerationRef,
    film: { plan: TranscodePlan; prefix: PublishedPrefix; ended: boolean; done: number },
  ): Promise<PublishedState | undefined> {
    const { plan, prefix, ended } = film;
    const base = generationPrefix(ref.videoId, ref.generation);
    // A closed playlist is newer than the growing one with the same chunks.
    const version = (chunks: number) => 2 * chunks + (ended ? 1 : 0);
    await Promise.all(
      [...prefix].map(async ([name, chunks]) => {
        const text = mediaPlaylist({ plan, chunks, ended });
        if (text) await deps.playlists.write(base + hlsFiles.media(name), text, version(chunks.length));
      }),
    );
    const master = masterPlaylist({ plan, prefix, ended });
    if (!master) return undefined;
    await deps.playlists.write(base + hlsFiles.master, master, version(film.done));
    return publishedState(plan, prefix);
  }

  return {
    async grow(ref, plan) {
      const results = await deps.results.done(ref);
      const prefix = publishedPrefix(plan, results);
      const state = await write(ref, { plan, prefix, ended: false, done: results.length });
      if (state) await deps.tracker.published(ref, state);
    },

    async close(ref, plan, results) {
      const prefix = publishedPrefix(plan, results);
      const state = await write(ref, { plan, prefix, ended: true, done: results.length });
      if (!state) throw new Error('a film without a playable chunk cannot be closed');
      return state;
    },
  };
}

function publishedState(plan: TranscodePlan, prefix: PublishedPrefix): PublishedState {
  const last = plan.chunks[leadChunks(plan, prefix) - 1];
  return {
    playableSeconds: last ? toNumber(frameTime(last.endFrame, plan.frameRate)) : 0,
    renditions: describeRenditions(plan, prefix),
  };
}
