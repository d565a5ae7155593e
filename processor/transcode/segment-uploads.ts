import { watch, type FSWatcher } from 'node:fs';
import { readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../platform/logger.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import { chunkFiles } from './chunk-files.js';
import { readSegment, type SegmentInfo } from './fragment.js';
import { createWorkQueue } from './work-queue.js';

/** Where finished files go. Rejects when the file could not be stored. */
export type Upload = (name: string, body: Buffer, contentType: string) => Promise<void>;

export interface UploadedSegment extends SegmentInfo {
  bytes: number;
}

export interface SegmentUploads {
  /** Aborts, with the error as its reason, when a segment could not be read or stored. */
  readonly failed: AbortSignal;
  /** Uploads what is still there once FFmpeg has ended; resolves to the segments of each track. */
  finish(): Promise<ReadonlyMap<string, ReadonlyMap<number, UploadedSegment>>>;
  /** Stops watching and waits for uploads under way; never rejects. */
  close(): Promise<void>;
}

/** Files in flight at once, each held in memory. */
const MAX_IN_FLIGHT = 4;

/** FFmpeg does not notice that a disk is full: it renames files that it could not write, and ends with code 0. */
const notWritten = (name: string): AppError =>
  new AppError('INTERNAL', {}, { cause: new Error(`${name} is empty: is the disk full?`) });

/** Reads, measures, uploads and removes one file; undefined if there is no fragment in it. */
async function takeSegment(upload: Upload, file: string, name: string): Promise<UploadedSegment | undefined> {
  const body = await readFile(file);
  if (body.length === 0) throw notWritten(name);
  const info = readSegment(body);
  if (info) await upload(name, body, 'video/iso.segment');
  await unlink(file);
  return info && { ...info, bytes: body.length };
}

/**
 * Watches the directories of a chunk's tracks and takes every segment away as soon as FFmpeg has
 * finished it (it renames finished files), under a name that carries the attempt.
 */
export function uploadSegments(
  deps: { upload: Upload; log: Pick<Logger, 'debug'> },
  options: { dir: string; trackNames: readonly string[]; attempt: number },
): SegmentUploads {
  const { dir, trackNames, attempt } = options;
  const made = new Map(trackNames.map((track) => [track, new Map<number, UploadedSegment>()]));
  const seen = new Set<string>();
  const queue = createWorkQueue(MAX_IN_FLIGHT);

  const notice = (track: string, name: string): void => {
    const number = chunkFiles.segmentNumber(name);
    const file = path.join(dir, track, name);
    if (number === undefined || seen.has(file)) return;
    seen.add(file);
    queue.add(async () => {
      const segment = await takeSegment(deps.upload, file, hlsFiles.segment(track, number, attempt));
      if (segment) made.get(track)?.set(number, segment);
    });
  };

  const watchers = trackNames.map((track): FSWatcher => {
    const watcher = watch(path.join(dir, track), (_, name) => void (name && notice(track, name)));
    // Without it the last look finds everything, only later.
    return watcher.on('error', (err) => deps.log.debug({ err, track }, 'directory is not watched'));
  });

  const close = async (): Promise<void> => {
    watchers.forEach((watcher) => watcher.close());
    await queue.settled();
  };

  return {
    failed: queue.failed,
    async finish() {
      for (const track of trackNames) {
        for (const name of await readdir(path.join(dir, track))) notice(track, name);
      }
      await close();
      queue.failed.throwIfAborted();
      return made;
    },
    close,
  };
}
