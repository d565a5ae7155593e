import type { ChunkResult, PlannedChunk, TrackResult, TranscodePlan } from '../../schema/transcode-plan.js';
import { leadTrackNames, trackNames } from '../plan/lead-tracks.js';

/** A finished chunk of one track. */
export interface PublishedChunk {
  chunk: PlannedChunk;
  /** The attempt that made it: part of its blob names. */
  attempt: number;
  track: TrackResult;
}

/** By track name: the chunks that are complete without a gap from the start of the film. */
export type PublishedPrefix = ReadonlyMap<string, readonly PublishedChunk[]>;

/**
 * What of a film can be played from its start, track by track, whatever the order in which chunks were
 * finished. A track stops before a chunk whose init segment is not the opener's: it would not decode.
 */
export function publishedPrefix(plan: TranscodePlan, results: readonly ChunkResult[]): PublishedPrefix {
  const done = new Map<string, PublishedChunk>();
  for (const { chunkIndex, attempt, tracks } of results) {
    const chunk = plan.chunks[chunkIndex];
    if (!chunk) continue;
    for (const track of tracks) done.set(`${track.name}/${chunkIndex}`, { chunk, attempt, track });
  }
  const prefixOf = (name: string): PublishedChunk[] => {
    const prefix: PublishedChunk[] = [];
    for (const { index } of plan.chunks) {
      const next = done.get(`${name}/${index}`);
      const opener = prefix[0] ?? next;
      if (!next || next.track.initSha256 !== opener?.track.initSha256) break;
      prefix.push(next);
    }
    return prefix;
  };
  return new Map(trackNames(plan).map((name) => [name, prefixOf(name)]));
}

/** Chunks that every track which starts playback has: 0 means that nothing can be played yet. */
export const leadChunks = (plan: TranscodePlan, prefix: PublishedPrefix): number =>
  Math.min(...leadTrackNames(plan).map((name) => prefix.get(name)?.length ?? 0));

/** Whether every track is complete to the end. */
export const isComplete = (plan: TranscodePlan, prefix: PublishedPrefix): boolean =>
  trackNames(plan).every((name) => prefix.get(name)?.length === plan.chunks.length);
