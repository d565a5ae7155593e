import { watch, type FSWatcher } from 'node:fs';
import { readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { Logger } from '../../platform/logger.js';
import { chunkFiles } from './chunk-files.js';
import { readSegment, type SegmentInfo } from './fragment.js';

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

/**
 * Watches the directories of a chunk's tracks and takes every segment away as soon as FFmpeg has
 * finished it (it renames finished files): read, measured, uploaded under the attempt's name, removed.
 */
export function uploadSegments(
  deps: { upload: Upload; log: Pick<Logger, 'debug'> },
  options: { dir: string; trackNames: readonly string[]; attempt: number },
): SegmentUploads {
  const { dir, trackNames, attempt } = options;
  const made = new Map(trackNames.map((track) => [track, new Map<number, UploadedSegment>()]));
  const seen = new Set<string>();
  const waiting: (() => Promise<void>)[] = [];
  const failure = new AbortController();
  const workers = new Set<Promise<void>>();

  const take = async (track: string, number: number, file: string): Promise<void> => {
    const body = await readFile(file);
    const info = readSegment(body);
    if (info) {
      await deps.upload(hlsFiles.segment(track, number, attempt), body, 'video/iso.segment');
      made.get(track)?.set(number, { ...info, bytes: body.length });
    }
    await unlink(file);
  };

  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !failure.signal.aborted; next = waiting.shift()) {
      await next().catch((error: unknown) => failure.abort(error));
    }
  };

  const notice = (track: string, name: string): void => {
    const number = chunkFiles.segmentNumber(name);
    const file = path.join(dir, track, name);
    if (number === undefined || seen.has(file)) return;
    seen.add(file);
    waiting.push(() => take(track, number, file));
    if (workers.size >= MAX_IN_FLIGHT) return;
    const worker = work().finally(() => workers.delete(worker));
    workers.add(worker);
  };

  const watchers = trackNames.map((track): FSWatcher => {
    const watcher = watch(
      path.join(dir, track),
      (event, name) => void (event === 'rename' && name && notice(track, name)),
    );
    // Without it the last look finds everything, only later.
    watcher.on('error', (err) => deps.log.debug({ err, track }, 'directory is not watched'));
    return watcher;
  });

  const settle = async (): Promise<void> => {
    watchers.forEach((watcher) => watcher.close());
    while (workers.size > 0) await Promise.all(workers);
  };

  return {
    failed: failure.signal,
    async finish() {
      for (const track of trackNames)
        for (const name of await readdir(path.join(dir, track))) notice(track, name);
      await settle();
      failure.signal.throwIfAborted();
      return made;
    },
    close: settle,
  };
}
