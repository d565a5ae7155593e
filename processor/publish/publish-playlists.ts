import type { GenerationRef } from '../../platform/generations.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import { frameTime } from '../plan/grid.js';
import { toNumber } from '../plan/rational.js';
import type { PublishedState, VideoTracker } from '../progress/video-tracker.js';
import { noPublishedCaptions, type PublishedCaptions } from './caption-files.js';
import type { ChunkResultStore } from './chunk-result-store.js';
import { describeRenditions } from './describe-renditions.js';
import { iframePlaylist } from './iframe-playlist.js';
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
  /**
   * Closes the playlists of a whole film, whose captions are published already. Returns what is playable, for the
   * video's last transition.
   */
  close(
    ref: GenerationRef,
    plan: TranscodePlan,
    results: readonly ChunkResult[],
    captions: PublishedCaptions,
  ): Promise<PublishedState>;
  /** Lists these captions, which are published already, in the master playlist of a closed film. */
  caption(
    ref: GenerationRef,
    plan: TranscodePlan,
    results: readonly ChunkResult[],
    captions: PublishedCaptions,
  ): Promise<void>;
}

/** What is published of a film: its chunks from the start, of all that are done, and its captions. */
interface Film {
  plan: TranscodePlan;
  prefix: PublishedPrefix;
  ended: boolean;
  done: number;
  captions: PublishedCaptions;
}

/**
 * A closed playlist is newer than the growing one with the same chunks. Only closed master playlists list captions:
 * theirs is newer by as much as their captions are.
 */
const versionOf = ({ done, ended }: Pick<Film, 'done' | 'ended'>): number => 2 * done + (ended ? 1 : 0);

export function createPlaylistPublisher(deps: {
  results: ChunkResultStore;
  playlists: PlaylistStore;
  tracker: Pick<VideoTracker, 'published'>;
}): PlaylistPublisher {
  async function write(ref: GenerationRef, film: Film): Promise<PublishedState | undefined> {
    const { plan, prefix, ended } = film;
    const base = generationPrefix(ref.videoId, ref.generation);
    await Promise.all(
      [...prefix].map(async ([name, chunks]) => {
        const text = mediaPlaylist({ plan, chunks, ended });
        const version = versionOf({ done: chunks.length, ended });
        if (text) await deps.playlists.write(base + hlsFiles.media(name), text, version);
      }),
    );
    return (await writeMaster(ref, film)) ? publishedState(plan, prefix) : undefined;
  }

  /** Of a whole film alone: while it grows, nobody looks for a place that far ahead, and each chunk would write them. */
  async function writeIframes(ref: GenerationRef, { plan, prefix }: Film): Promise<void> {
    const base = generationPrefix(ref.videoId, ref.generation);
    await Promise.all(
      plan.videoTracks.map(async ({ name }) => {
        const chunks = prefix.get(name) ?? [];
        const text = iframePlaylist(plan, chunks);
        const version = versionOf({ done: chunks.length, ended: true });
        if (text) await deps.playlists.write(base + hlsFiles.iframes(name), text, version);
      }),
    );
  }

  async function writeMaster(ref: GenerationRef, film: Film): Promise<boolean> {
    const { captions } = film;
    const text = masterPlaylist({ ...film, videoId: ref.videoId });
    if (!text) return false;
    const name = generationPrefix(ref.videoId, ref.generation) + hlsFiles.master;
    await deps.playlists.write(name, text, versionOf(film) + captions.revision);
    return true;
  }

  return {
    async grow(ref, plan) {
      const results = await deps.results.done(ref);
      const state = await write(ref, { ...filmOf(plan, results, noPublishedCaptions), ended: false });
      if (state) await deps.tracker.published(ref, state);
    },

    async close(ref, plan, results, captions) {
      const film = filmOf(plan, results, captions);
      await writeIframes(ref, film);
      const state = await write(ref, film);
      if (!state) throw new Error('a film without a playable chunk cannot be closed');
      return state;
    },

    async caption(ref, plan, results, captions) {
      const film = filmOf(plan, results, captions);
      // An older release may have closed the film without them, and the master is about to name them.
      await writeIframes(ref, film);
      await writeMaster(ref, film);
    },
  };
}

/** A film that has ended, as these results of its chunks make it. */
const filmOf = (plan: TranscodePlan, results: readonly ChunkResult[], captions: PublishedCaptions): Film => ({
  ...{ plan, captions, ended: true },
  prefix: publishedPrefix(plan, results),
  done: results.length,
});

function publishedState(plan: TranscodePlan, prefix: PublishedPrefix): PublishedState {
  const last = plan.chunks[leadChunks(plan, prefix) - 1];
  return {
    playableSeconds: last ? toNumber(frameTime(last.endFrame, plan.frameRate)) : 0,
    renditions: describeRenditions(plan, prefix),
  };
}
