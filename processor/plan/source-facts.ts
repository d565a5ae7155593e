import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { displaySize } from './display-size.js';
import { filmSeconds } from './grid.js';
import { audioStreams, videoStream, type SourceProbe } from './probe.js';
import { round, toNumber } from './rational.js';

/** What is shown of the uploaded file. */
export interface SourceFacts {
  /** Short name: `mp4`, `matroska`, `mpegts`. */
  container: string;
  videoCodec?: string;
  audioCodec?: string;
  /** Pixels, as shown. */
  width?: number;
  height?: number;
  /** Frames a second of the output's grid. */
  frameRate?: number;
  durationSeconds: number;
  bitrateBps?: number;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** Facts for people about a source that has been planned. */
export function sourceFacts(probe: SourceProbe, plan: TranscodePlan): SourceFacts {
  // FFmpeg names a demuxer by all it reads: mov,mp4,m4a,3gp,3g2,mj2.
  const [format = ''] = probe.format.format_name.split(',');
  const video = videoStream(probe.streams);
  const [audio] = audioStreams(probe.streams);
  const size = video && displaySize(video);
  const bitrate = Number(probe.format.bit_rate);
  return {
    container: format === 'mov' ? 'mp4' : format,
    durationSeconds: rounded(toNumber(filmSeconds(plan))),
    ...(video?.codec_name ? { videoCodec: video.codec_name } : {}),
    ...(audio?.codec_name ? { audioCodec: audio.codec_name } : {}),
    ...(size
      ? { width: round(size.width), height: round(size.height), frameRate: rounded(toNumber(plan.frameRate)) }
      : {}),
    ...(bitrate > 0 ? { bitrateBps: Math.round(bitrate) } : {}),
  };
}
