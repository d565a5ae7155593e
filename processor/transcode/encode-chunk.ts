import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../platform/logger.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { ChunkPart, ChunkResult, PlannedChunk, TranscodePlan } from '../../schema/transcode-plan.js';
import { segmentCount, segmentOf } from '../plan/grid.js';
import { chunkCommand } from './chunk-args.js';
import { chunkFiles } from './chunk-files.js';
import { createChunkProgress, type ChunkProgress } from './chunk-progress.js';
import type { Ffmpeg, RunResult } from './ffmpeg.js';
import { checkedTracks } from './made-chunk.js';
import { readJpeg } from './read-jpeg.js';
import { uploadSegments, type SegmentUploads, type Upload } from './segment-uploads.js';
import { spriteTile, type SpriteTile } from './video-graph.js';

export interface EncodeDeps {
  ffmpeg: Pick<Ffmpeg, 'run'>;
  /** Each chunk gets a directory of its own in here, gone when it is done. */
  tempDir: string;
  /** Longest run of one chunk. */
  wallClockMs: number;
  /** Longest time without progress. */
  stallMs: number;
  upload: Upload;
  log: Pick<Logger, 'debug'>;
}

export interface EncodeRequest {
  plan: TranscodePlan;
  chunk: PlannedChunk;
  part: ChunkPart;
  /** The tracks of the plan that this part encodes. */
  trackNames: readonly string[];
  /** Address, or local path, that FFmpeg reads; never logged. */
  sourceUrl: string;
  attempt: number;
  signal: AbortSignal;
  onProgress?: (progress: ChunkProgress) => void;
}

/** Thumbnails are made where pictures are decoded anyway, once for each chunk. */
function spriteFor({ plan, part, trackNames }: EncodeRequest): SpriteTile | undefined {
  const tallest = plan.videoTracks.find(({ name }) => trackNames.includes(name));
  return part === 'REST' || !tallest ? undefined : spriteTile(tallest);
}

/** The opener is made in a hurry; both presets write the same init segment, ultrafast does not. */
const presetFor = (chunk: PlannedChunk): 'superfast' | 'veryfast' =>
  chunk.index === 0 ? 'superfast' : 'veryfast';

function runChunk(
  deps: EncodeDeps,
  request: EncodeRequest,
  dir: string,
  failed: AbortSignal,
): Promise<RunResult> {
  const { plan, chunk, trackNames, sourceUrl, onProgress } = request;
  const sprite = spriteFor(request);
  const preset = presetFor(chunk);
  const videoTracks = plan.videoTracks.filter(({ name }) => trackNames.includes(name)).length;
  const progress = createChunkProgress(plan, chunk, videoTracks);
  return deps.ffmpeg.run(chunkCommand({ plan, chunk, trackNames, sourceUrl, outDir: dir, preset, sprite }), {
    signal: AbortSignal.any([request.signal, failed]),
    wallClockMs: deps.wallClockMs,
    stallMs: deps.stallMs,
    onProgress: (report) => onProgress?.(progress(report)),
  });
}

async function encodeIn(
  deps: EncodeDeps,
  request: EncodeRequest,
  dir: string,
  uploads: SegmentUploads,
): Promise<ChunkResult> {
  const { plan, chunk, part, attempt, signal } = request;
  const { stderrTail } = await runChunk(deps, request, dir, uploads.failed);
  const tracks = await checkedTracks({ plan, chunk, dir, stderrTail }, await uploads.finish());
  signal.throwIfAborted();

  // All chunks of a track have the same init segment; the opener publishes it.
  const inits = chunk.index === 0 ? tracks : [];
  for (const { result, init } of inits)
    await deps.upload(hlsFiles.init(result.name, attempt), init, 'video/mp4');
  const tile = spriteFor(request);
  if (tile) {
    const sheet = await readJpeg(chunkFiles.sprite(dir));
    await deps.upload(hlsFiles.sprite(segmentOf(chunk.startFrame, plan), attempt), sheet, 'image/jpeg');
  }
  return {
    chunkIndex: chunk.index,
    part,
    attempt,
    tracks: tracks.map(({ result }) => result),
    ...(tile ? { sprite: { columns: segmentCount(chunk, plan), ...tile } } : {}),
  };
}

/**
 * Makes one part of one chunk: one FFmpeg run, whose segments are uploaded while it goes on, under names
 * that carry the attempt. The result counts only once it is resolved: what a failed attempt has uploaded
 * is never named by anything. Rejects with the abort reason (nothing is left running), an error of
 * `upload`, or AppError PROCESSING_TIMEOUT, SOURCE_UNREACHABLE, UNSUPPORTED_MEDIA, MEDIA_TRUNCATED
 * (details: chunkIndex, and missing: expected and found counts by track), INTERNAL.
 */
export async function encodeChunk(deps: EncodeDeps, request: EncodeRequest): Promise<ChunkResult> {
  const { trackNames, attempt, signal } = request;
  signal.throwIfAborted();
  const dir = await mkdtemp(path.join(deps.tempDir, 'chunk-'));
  try {
    for (const name of trackNames) await mkdir(path.join(dir, name));
    const uploads = uploadSegments(deps, { dir, trackNames, attempt });
    try {
      return await encodeIn(deps, request, dir, uploads);
    } finally {
      await uploads.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
