import type { ProgressDisplay } from './progress-display.js';
import { processingText, uploadText } from './progress-text.js';
import type { UploadEvent } from './upload-video.js';

/** Draws the events of one file on a display. */
export function createEventView(
  display: ProgressDisplay,
  name: string,
  now: () => number = Date.now,
): (event: UploadEvent) => void {
  let startedAt: number | undefined;
  return (event) => {
    if (event.type === 'upload') {
      startedAt ??= now();
      const seconds = (now() - startedAt) / 1000;
      const bytesPerSecond = seconds > 0 ? event.sentBytes / seconds : 0;
      const text = uploadText(event.sentBytes, event.totalBytes, bytesPerSecond);
      display.show(name, { phase: 'upload', percent: (event.sentBytes / event.totalBytes) * 100, text });
    }
    if (event.type === 'progress') {
      const phase = `${event.status} ${event.playable}`;
      display.show(name, { phase, percent: event.percent, text: processingText(event) });
    }
  };
}
