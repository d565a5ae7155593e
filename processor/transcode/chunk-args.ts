import { audioProfile } from '../../schema/ladder.js';
import type {
  PlannedAudioTrack,
  PlannedChunk,
  PlannedVideoTrack,
  TranscodePlan,
} from '../../schema/transcode-plan.js';
import { firstPacket, frameTime, PACKET_SAMPLES, segmentCount, segmentOf } from '../plan/grid.js';
import { add, compare, greatest, least, rational, subtract, toNumber, zero } from '../plan/rational.js';
import { audioGraph } from './audio-graph.js';
import { chunkFiles } from './chunk-files.js';
import type { FfmpegCommand, FfmpegOutput } from './ffmpeg.js';
import { jpegOutput } from './jpeg-output.js';
import { videoGraph, type SpriteTile } from './video-graph.js';

export type Preset = 'superfast' | 'veryfast';

export interface ChunkCommandOptions {
  plan: TranscodePlan;
  chunk: PlannedChunk;
  /** Which of the plan's tracks to encode. */
  trackNames: readonly string[];
  sourceUrl: string;
  /** Local directory that has one directory for each track. */
  outDir: string;
  preset: Preset;
  /** One thumbnail of this size for each segment. */
  sprite?: SpriteTile;
}

/** Reading starts this long before the chunk, seconds, so that a decoder has found its feet. */
const PREROLL = rational(1);
/** As `PREROLL`, for containers without an index, where a seek lands between key frames. */
const STREAM_PREROLL = rational(10);

/**
 * Seconds worth skipping. A seek to just before the first key frame finds nothing in some containers,
 * which then lose everything up to the second one.
 */
const SHORTEST_SEEK = rational(1);

/** JPEG quality of thumbnails. */
const SPRITE_QUALITY = 5;

/** Where to start reading, on the container's clock; undefined for its beginning. */
function seekSeconds(plan: TranscodePlan, chunk: PlannedChunk): number | undefined {
  const start = frameTime(chunk.startFrame, plan.frameRate);
  // A held last frame has to be decoded before it can be held.
  const latest =
    plan.video && plan.holdLastFrame ? subtract(subtract(plan.video.end, plan.origin), rational(1)) : start;
  const wanted = greatest(zero, least(start, latest));
  const preroll = /^mpeg/.test(plan.container) ? STREAM_PREROLL : PREROLL;
  const at = subtract(subtract(add(wanted, plan.origin), plan.formatStart), preroll);
  return compare(at, SHORTEST_SEEK) > 0 ? toNumber(at) : undefined;
}

/** Output options that make FFmpeg's HLS muxer cut fMP4 segments with the film's own times in them. */
function hlsOptions(plan: TranscodePlan, chunk: PlannedChunk, timescale?: number): string[] {
  const scale = timescale === undefined ? '' : `:video_track_timescale=${timescale}`;
  return [
    ...[
      '-avoid_negative_ts',
      'disabled',
      '-f',
      'hls',
      '-hls_playlist_type',
      'vod',
      '-hls_segment_type',
      'fmp4',
    ],
    ...['-hls_flags', 'temp_file', '-hls_segment_options', `movflags=+frag_discont+cmaf+skip_sidx${scale}`],
    ...[
      '-start_number',
      String(segmentOf(chunk.startFrame, plan)),
      '-hls_fmp4_init_filename',
      chunkFiles.init,
    ],
  ];
}

/** `-hls_time` is shorter than any segment: video is cut at every key frame, and those are where we say. */
function videoOutput(options: ChunkCommandOptions, track: PlannedVideoTrack, index: number): FfmpegOutput {
  const { plan, chunk, preset, outDir } = options;
  const gop = String(plan.segmentFrames);
  return {
    options: [
      ...['-map', `[v${index}]`, '-c:v', 'libx264', '-preset', preset, '-crf', '23', '-profile:v', 'high'],
      ...['-maxrate', `${track.maxRateKbps}k`, '-bufsize', `${2 * track.maxRateKbps}k`],
      ...['-sc_threshold', '0', '-g', gop, '-keyint_min', gop, '-x264-params', 'stitchable=1'],
      ...['-pix_fmt', 'yuv420p', '-fps_mode', 'passthrough'],
      ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-hls_time', '0.1'],
      ...hlsOptions(plan, chunk, plan.timescale),
      ...['-hls_segment_filename', chunkFiles.segmentPattern(outDir, track.name)],
    ],
    target: chunkFiles.playlist(outDir, track.name),
  };
}

/** The packets before and after the chunk's own only serve the encoder: the bitstream filter drops them. */
function audioOutput(options: ChunkCommandOptions, track: PlannedAudioTrack, index: number): FfmpegOutput {
  const { plan, chunk, outDir } = options;
  const first = firstPacket(chunk.startFrame, plan.frameRate) * PACKET_SAMPLES;
  const end = firstPacket(chunk.endFrame, plan.frameRate) * PACKET_SAMPLES;
  return {
    options: [
      ...['-map', `[a${index}]`, '-c:a', 'aac', '-b:a', `${audioProfile.bitrateKbps}k`],
      ...['-bsf:a', `noise=amount=0:drop='lt(pts,${first})+gte(pts,${end})'`],
      ...['-hls_time', String(toNumber(frameTime(plan.segmentFrames, plan.frameRate)))],
      ...hlsOptions(plan, chunk),
      ...['-hls_segment_filename', chunkFiles.segmentPattern(outDir, track.name)],
    ],
    target: chunkFiles.playlist(outDir, track.name),
  };
}

/** The last picture is the whole row of thumbnails. */
function spriteOutput(outDir: string, columns: number): FfmpegOutput {
  return jpegOutput('[thumbs]', chunkFiles.sprite(outDir), { quality: SPRITE_QUALITY, pictures: columns });
}

/**
 * The one FFmpeg run that makes a chunk: its range is decoded once, by original timestamps from an
 * earlier key frame, put on the grid, and encoded as every named track. Chunks made apart, in any order,
 * join without a gap. Pure.
 */
export function chunkCommand(options: ChunkCommandOptions): FfmpegCommand {
  const { plan, chunk, trackNames, outDir, sprite } = options;
  const video = plan.videoTracks.filter((track) => trackNames.includes(track.name));
  const audio = plan.audioTracks.filter((track) => trackNames.includes(track.name));
  const seek = seekSeconds(plan, chunk);
  const pictures = plan.video && video.length ? [videoGraph({ ...options, source: plan.video, video })] : [];
  return {
    source: options.sourceUrl,
    sourceOptions: ['-copyts', ...(seek === undefined ? [] : ['-noaccurate_seek', '-ss', seek.toFixed(6)])],
    graphs: [...pictures, ...audio.map((track, index) => audioGraph(plan, chunk, track, index))],
    outputs: [
      ...video.map((track, index) => videoOutput(options, track, index)),
      ...audio.map((track, index) => audioOutput(options, track, index)),
      ...(sprite && video.length ? [spriteOutput(outDir, segmentCount(chunk, plan))] : []),
    ],
  };
}
