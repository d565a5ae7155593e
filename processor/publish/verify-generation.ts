import type { BlobInfo } from '../../platform/blob.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';

/** A published media file and how long it has to be; undefined where nobody counted. */
export interface ExpectedFile {
  name: string;
  bytes: number | undefined;
}

/** Every media file that the playlists of this generation will name. */
export function expectedFiles(plan: TranscodePlan, results: readonly ChunkResult[]): ExpectedFile[] {
  return results.flatMap((result) => {
    const chunk = plan.chunks[result.chunkIndex];
    if (!chunk) return [];
    const firstSegment = chunk.startFrame / plan.segmentFrames;
    const segments = result.tracks.flatMap(({ name, segments }) =>
      segments.map(({ bytes }, index) => ({
        name: hlsFiles.segment(name, firstSegment + index, result.attempt),
        bytes,
      })),
    );
    const inits =
      chunk.index === 0
        ? result.tracks.map(({ name }) => ({ name: hlsFiles.init(name, result.attempt), bytes: undefined }))
        : [];
    const sprites = result.sprite
      ? [{ name: hlsFiles.sprite(firstSegment, result.attempt), bytes: undefined }]
      : [];
    return [...segments, ...inits, ...sprites];
  });
}

export interface Verification {
  /** What is wrong, in words for the log; empty when the generation is whole. */
  problems: string[];
  /** Stored media files that no playlist names: left by attempts that did not count. */
  unreferenced: string[];
}

/**
 * Whether the results and the stored files together are the whole film, each file once: every chunk of
 * every track is there, all init segments of a track agree, and what is stored has the size that was
 * counted. The frames and packets themselves were checked chunk by chunk.
 */
export function verifyGeneration(
  plan: TranscodePlan,
  results: readonly ChunkResult[],
  stored: readonly BlobInfo[],
): Verification {
  const sizes = new Map(stored.map(({ name, bytes }) => [name, bytes]));
  const expected = expectedFiles(plan, results);
  const names = new Set(expected.map(({ name }) => name));
  return {
    problems: [
      ...missingChunks(plan, results),
      ...differingInits(results),
      ...expected.flatMap((file) => differingFile(file, sizes.get(file.name))),
    ],
    unreferenced: stored.map(({ name }) => name).filter((name) => isMedia(name) && !names.has(name)),
  };
}

/** Playlists, captions, poster and storyboard are written by name and stay. */
const isMedia = (name: string): boolean => /\.(m4s|mp4)$|^sprites\//.test(name);

function missingChunks(plan: TranscodePlan, results: readonly ChunkResult[]): string[] {
  const made = new Map<string, number>();
  for (const { chunkIndex, tracks } of results) {
    for (const { name } of tracks)
      made.set(`${name} ${chunkIndex}`, (made.get(`${name} ${chunkIndex}`) ?? 0) + 1);
  }
  return [...plan.videoTracks, ...plan.audioTracks].flatMap(({ name }) =>
    plan.chunks.flatMap(({ index }) => {
      const times = made.get(`${name} ${index}`) ?? 0;
      return times === 1 ? [] : [`chunk ${index} of ${name} was made ${times} times`];
    }),
  );
}

function differingInits(results: readonly ChunkResult[]): string[] {
  const hashes = new Map<string, Set<string>>();
  for (const { name, initSha256 } of results.flatMap(({ tracks }) => tracks)) {
    hashes.set(name, (hashes.get(name) ?? new Set()).add(initSha256));
  }
  return [...hashes].flatMap(([name, { size }]) =>
    size === 1 ? [] : [`${name} has ${size} different init segments: are all FFmpeg builds the same?`],
  );
}

function differingFile({ name, bytes }: ExpectedFile, stored: number | undefined): string[] {
  if (stored === undefined) return [`${name} is missing`];
  return bytes === undefined || bytes === stored ? [] : [`${name} has ${stored} bytes instead of ${bytes}`];
}
