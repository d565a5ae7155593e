import type { FfmpegCommand } from '../transcode/ffmpeg.js';
import { jpegColors, jpegOutput } from '../transcode/jpeg-output.js';

/** Widest poster, pixels. */
const MAX_WIDTH = 1280;
/** Frames among which the most typical one is looked for. */
const CANDIDATES = 40;
const QUALITY = 3;

/**
 * The FFmpeg run that makes a poster of a local MP4 file (an init segment and a media segment, one after
 * the other): the frame closest to the average of its first forty, so not the black it fades in from.
 */
export function posterCommand(options: { source: string; target: string }): FfmpegCommand {
  const size = `scale='min(${MAX_WIDTH},iw)':-2:${jpegColors('bt709')}`;
  return {
    source: options.source,
    sourceOptions: [],
    graphs: [`[0:v]thumbnail=n=${CANDIDATES},${size},format=yuv420p[poster]`],
    outputs: [jpegOutput('[poster]', options.target, { quality: QUALITY, pictures: 1 })],
  };
}
