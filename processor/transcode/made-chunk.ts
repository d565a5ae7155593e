import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError } from '../../schema/errors.js';
import type { PlannedChunk, SegmentResult, TrackResult, TranscodePlan } from '../../schema/transcode-plan.js';
import { checkChunk } from './chunk-check.js';
import { chunkFiles } from './chunk-files.js';
import { complaintCode } from './ffmpeg-errors.js';
import { type InitInfo, readInit } from './fragment.js';
import type { UploadedSegment } from './segment-uploads.js';

/** A track that has passed the check, and the init segment that belongs to it. */
export interface CheckedTrack {
  result: TrackResult;
  init: Buffer;
}

/** A file that FFmpeg may not have written; undefined then. */
async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The tracks FFmpeg has left in `dir`, checked against the plan. Throws MEDIA_TRUNCATED when frames or
 * packets are missing, with their counts as details, or SOURCE_UNREACHABLE or INTERNAL when FFmpeg complained
 * of the connection or of this machine too: it ends with code 0 all the same. INTERNAL when they are there
 * but wrong.
 */
export async function checkedTracks(
  options: { plan: TranscodePlan; chunk: PlannedChunk; dir: string; stderrTail: string },
  segments: ReadonlyMap<string, ReadonlyMap<number, UploadedSegment>>,
): Promise<CheckedTrack[]> {
  const { plan, chunk, dir, stderrTail } = options;
  const made = await Promise.all(
    [...segments].map(async ([name, own]) => {
      const bytes = await readIfThere(chunkFiles.initPath(dir, name));
      return { name, segments: own, bytes, init: bytes && readInit(bytes) };
    }),
  );
  const differences = checkChunk(plan, chunk, made);
  if (differences.length) {
    const problems = differences.map(({ track, problem }) => `${track}: ${problem}`).join('; ');
    const cause = new Error(`chunk ${chunk.index}: ${problems}; ffmpeg said: ${stderrTail}`);
    const missing = differences
      .filter(({ expected, found }) => found < expected)
      .map(({ track, expected, found }) => ({ track, expected, found }));
    if (!missing.length) throw new AppError('INTERNAL', {}, { cause });
    const said = complaintCode(stderrTail);
    const code = said === 'SOURCE_UNREACHABLE' || said === 'INTERNAL' ? said : 'MEDIA_TRUNCATED';
    throw new AppError(code, { chunkIndex: chunk.index, missing }, { cause });
  }
  return made.flatMap(({ name, segments: own, bytes, init }) =>
    bytes && init ? [{ init: bytes, result: trackResult({ name, bytes, init }, own) }] : [],
  );
}

function trackResult(
  { name, bytes, init }: { name: string; bytes: Buffer; init: InitInfo },
  segments: ReadonlyMap<number, UploadedSegment>,
): TrackResult {
  const inOrder = [...segments].sort(([a], [b]) => a - b);
  return {
    name,
    codecs: init.codecs,
    initSha256: createHash('sha256').update(bytes).digest('hex'),
    segments: inOrder.map(([, segment]) => segmentResult(segment, init.width > 0)),
  };
}

/** Each segment of pictures begins with its key frame, as has been checked. */
function segmentResult(segment: UploadedSegment, isPicture: boolean): SegmentResult {
  const { ticks, bytes, firstSampleEnd, hasClosedCaptions } = segment;
  if (!isPicture) return { ticks, bytes };
  return { ticks, bytes, keyFrameEnd: firstSampleEnd, ...(hasClosedCaptions && { closedCaptions: true }) };
}
