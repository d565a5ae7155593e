import { basename } from 'node:path';
import type { ProgressDisplay } from '../cli/progress-display.js';
import { createEventView } from '../cli/show-event.js';
import { uploadVideo, type UploadEvent } from '../cli/upload-video.js';
import type { Platform } from './platform.js';

/** Uploads files one after the other while those before them are processed; prints each playback URL. */
export async function uploadFiles(
  files: string[],
  deps: { platform: Platform; display: ProgressDisplay; signal: AbortSignal },
): Promise<void> {
  const processing: Promise<void>[] = [];
  for (const file of files) {
    if (deps.signal.aborted) return;
    const sent = Promise.withResolvers<void>();
    processing.push(uploadFile(file, { ...deps, onSent: sent.resolve }).finally(sent.resolve));
    await sent.promise;
  }
  await Promise.all(processing);
}

async function uploadFile(
  file: string,
  deps: { platform: Platform; display: ProgressDisplay; signal: AbortSignal; onSent: () => void },
): Promise<void> {
  const { platform, display, signal } = deps;
  const name = basename(file);
  const show = createEventView(display, name);
  const onEvent = (event: UploadEvent) => {
    show(event);
    if (event.type === 'uploaded') deps.onSent();
    if (event.type === 'playable') display.print(`▶ ${name}: ${event.url}`);
    if (event.type === 'ready') display.print(`✓ ${name} is ready`);
  };
  try {
    const address = { url: platform.gatewayUrl, apiKey: platform.demo.apiKey };
    await uploadVideo({
      address,
      file,
      projectId: platform.demo.projectId,
      exitOn: 'ready',
      signal,
      onEvent,
    });
  } catch (error) {
    if (!signal.aborted)
      display.print(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    display.remove(name);
  }
}
