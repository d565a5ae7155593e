import type { FfmpegCommand } from '../transcode/ffmpeg.js';

/** Widest poster, pixels. */
const MAX_WIDTH = 1280;
/** Frames among which the most typical one is looked for. */
const CANDIDATES = 100;

/**
 * The FFmpeg run that makes a poster of a local MP4 file (an init segment and a media segment, one after
 * the other): the frame closest to the average of its first hundred, so not the black it fades in from.
 */
export function posterCommand(options: { source: string; target: string }): FfmpegCommand {
  const size = `scale='min(${MAX_WIDTH},iw)':-2:flags=bicubic`;
  const colors = 'in_color_matrix=bt709:out_color_matrix=bt601:out_range=full';
  return {
    source: options.source,
    sourceOptions: [],
    graphs: [`[0:v]thumbnail=n=${CANDIDATES},${size}:${colors},format=yuvj420p[poster]`],
    outputs: [
      {
        options: [
          '-map',
          '[poster]',
          '-c:v',
          'mjpeg',
          '-q:v',
          '3',
          '-frames:v',
          '1',
          '-f',
          'image2',
          '-update',
          '1',
        ],
        target: options.target,
      },
    ],
  };
}
