import type { VideoProgress } from './video-progress.js';

const BAR_CELLS = 24;
const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/** "12.3 MB", in steps of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

/** "45 s", "3 min 20 s", "2 h 05 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** `━━━━━━────────`: full where nothing is left, empty where nothing is done. */
export function formatBar(percent: number, cells = BAR_CELLS): string {
  const full = Math.floor((Math.min(100, Math.max(0, percent)) / 100) * cells);
  return '━'.repeat(full) + '─'.repeat(cells - full);
}

/** "uploading ━━━─── 41 %  12.3 of 30.0 MB  8.1 MB/s  2 s left" */
export function uploadText(sentBytes: number, totalBytes: number, bytesPerSecond: number): string {
  const percent = (sentBytes / totalBytes) * 100;
  const left =
    bytesPerSecond > 0 && sentBytes < totalBytes
      ? `${formatDuration((totalBytes - sentBytes) / bytesPerSecond)} left`
      : '';
  const speed = bytesPerSecond > 0 ? `${formatBytes(bytesPerSecond)}/s` : '';
  const amount = `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}`;
  return line(`uploading  ${formatBar(percent)} ${percentText(percent)}`, amount, speed, left);
}

/** "processing ━━━─── 41 %  2.3 × real time  12 s left  ▶ playable" */
export function processingText(progress: VideoProgress): string {
  const { percent, speed, etaSeconds, queuePosition, playable, status } = progress;
  const word = status === 'QUEUED' ? 'queued    ' : 'processing';
  return line(
    `${word} ${formatBar(percent)} ${percentText(percent)}`,
    queuePosition ? `place ${queuePosition} in the queue` : '',
    speed ? `${speed.toFixed(1)} × real time` : '',
    etaSeconds ? `${formatDuration(etaSeconds)} left` : '',
    playable ? '▶ playable' : '',
  );
}

/** Whole percents, rounded down: 100 means done. */
const percentText = (percent: number): string => `${String(Math.floor(percent)).padStart(3)} %`;

const line = (...parts: string[]): string => parts.filter(Boolean).join('  ');
