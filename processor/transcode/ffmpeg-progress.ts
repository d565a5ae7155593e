/** Where an FFmpeg run stands, as its `-progress` reports say. */
export interface FfmpegProgress {
  /** Frames that the first video output has written; 0 for sound alone. */
  frames: number;
  /** Time written so far, milliseconds. */
  outTimeMs: number;
  /** Seconds of film a second. */
  speed: number;
  /** Bytes written so far: grows while work is done, even when nothing else does. */
  totalBytes: number;
}

const MAX_PENDING = 4096;

const numberOf = (text: string | undefined): number => {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? Math.max(0, value) : 0;
};

/**
 * A reader for what `-progress pipe:1` writes: feed it pieces of the text as they come, it calls
 * `onReport` at the end of every block (`progress=continue` or `progress=end`). Source: ffmpeg's
 * print_report in fftools/ffmpeg.c.
 */
export function createProgressReader(onReport: (progress: FfmpegProgress) => void): (piece: string) => void {
  let pending = '';
  let fields = new Map<string, string>();

  const readLine = (line: string): void => {
    const [key, value] = line.split('=', 2);
    if (!key || value === undefined) return;
    if (key !== 'progress') {
      if (fields.size < 64) fields.set(key, value.trim());
      return;
    }
    onReport({
      frames: numberOf(fields.get('frame')),
      outTimeMs: numberOf(fields.get('out_time_us')) / 1000,
      speed: numberOf(fields.get('speed')),
      totalBytes: numberOf(fields.get('total_size')),
    });
    fields = new Map();
  };

  return (piece) => {
    const lines = (pending + piece).split('\n');
    pending = (lines.pop() ?? '').slice(-MAX_PENDING);
    lines.forEach(readLine);
  };
}
