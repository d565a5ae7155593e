import { hlsFiles } from '../schema/blob-paths.js';
import { segmentAfter } from './playlist-facts.js';
import type { CachedFile, SegmentCache } from './segment-cache.js';

/** Reads the segment that a viewer asks for next before that. */
export interface Prefetch {
  /** After the segment `file` was found. Never waits, never fails. */
  follow(prefix: string, file: string, found: CachedFile): void;
}

/** At the same time; and none while storage is read for as many viewers who wait. */
const MAX_READING = 4;

/** A cache that holds fewer segments than this would lose what is in use for what may be. */
const MIN_SEGMENTS_HELD = 32;

/**
 * The next segment's name is only known from the media playlist, since names carry the attempt that made them: what is
 * held of it will do. Each copy of a segment is followed once.
 */
export function createPrefetch(deps: { files: SegmentCache; stopping: AbortSignal }): Prefetch {
  const { files, stopping } = deps;
  const followed = new WeakSet<CachedFile>();

  return {
    follow(prefix, file, found) {
      if (followed.has(found) || files.reading >= MAX_READING) return;
      if (found.body.length * MIN_SEGMENTS_HELD > files.maxBytes) return;
      const [track = '', name = ''] = file.split('/');
      const playlist = files.copyOf(prefix + hlsFiles.media(track));
      const next = playlist && segmentAfter(playlist.body.bytes(), name);
      if (!next) return;
      followed.add(found);
      const key = `${prefix}${track}/${next}`;
      if (!files.copyOf(key)) files.load(key, 'segment', stopping).catch(() => undefined);
    },
  };
}
