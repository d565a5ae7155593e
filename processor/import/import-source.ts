import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { BlobContainer } from '../../platform/blob.js';
import { mediaOnly } from '../../platform/container-sniff.js';
import type { Logger } from '../../platform/logger.js';
import { AppError } from '../../schema/errors.js';
import { endsTooSoon, MustBeginAnew, type ReadSource } from './source-reader.js';

export interface ImportLimits {
  maxBytes: number;
  /** Of one import in all, milliseconds. */
  maxMs: number;
  /** How often a source that cannot be gone on with is begun from its first byte. */
  beginnings: number;
  /** Before it is begun again, milliseconds. */
  beginAnewDelayMs: number;
}

export interface ImportRequest {
  url: URL;
  /** Name of the blob. */
  key: string;
  /** @throws AppError QUOTA_EXCEEDED where so many bytes are more than the organization may store */
  checkStorage: (bytes: number) => void;
  signal: AbortSignal;
  /** Called for every piece. */
  onProgress: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  receivedBytes: number;
  /** As the source says. */
  totalBytes?: number;
}

export interface ImportedSource {
  sizeBytes: number;
  /** Of all bytes, in hex. */
  sha256: string;
}

/** Where a source is stored, and when what is there is still what was there at the start. */
interface Target {
  key: string;
  /** Of the blob an attempt before has left; null where there is none. */
  etag: string | null;
}

/**
 * Streams a source into blob storage; nothing touches the disk. What fails leaves nothing there, unless the
 * lease is lost: then the blob is somebody else's.
 * @throws AppError SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, MEDIA_TRUNCATED, UNSUPPORTED_MEDIA, UPLOAD_TOO_LARGE
 * (limitBytes), QUOTA_EXCEEDED, UNAVAILABLE, the signal's reason
 */
export type ImportSource = (request: ImportRequest) => Promise<ImportedSource>;

export function createImportSource(deps: {
  read: ReadSource;
  blobs: Pick<BlobContainer, 'putStream' | 'properties' | 'discardBlocks'>;
  limits: ImportLimits;
  log: Logger;
}): ImportSource {
  const { blobs, limits } = deps;
  return async (request) => {
    const deadline = AbortSignal.timeout(limits.maxMs);
    const signal = AbortSignal.any([request.signal, deadline]);
    const etag = (await blobs.properties(request.key, signal))?.etag ?? null;
    const target = { key: request.key, etag };
    try {
      return await storeAtLast({ ...deps, target }, { ...request, signal });
    } catch (error) {
      if (!isLeaseLost(request.signal.reason)) await discard(deps, target);
      if (deadline.aborted && !request.signal.aborted) throw takesTooLong(limits.maxMs);
      throw error;
    }
  };
}

async function discard(
  { blobs, log }: Pick<StoreDeps, 'blobs' | 'log'>,
  { key, etag }: Target,
): Promise<void> {
  // Why the import has failed is worth more than why its rest is still there.
  await blobs
    .discardBlocks(key, etag)
    .catch((err: unknown) => log.warn({ err }, 'rest of an import not removed'));
}

const isLeaseLost = (reason: unknown): boolean => reason instanceof AppError && reason.code === 'LEASE_LOST';

const takesTooLong = (maxMs: number): AppError =>
  new AppError('SOURCE_UNREACHABLE', {
    message: `The source did not arrive within ${Math.round(maxMs / 1_000)} seconds.`,
  });

type StoreDeps = Parameters<typeof createImportSource>[0] & { target: Target };

/** Begins again from the first byte where it has to. */
async function storeAtLast(deps: StoreDeps, request: ImportRequest): Promise<ImportedSource> {
  const { beginnings, beginAnewDelayMs } = deps.limits;
  const ends: number[] = [];
  for (;;) {
    try {
      return await store(deps, request);
    } catch (error) {
      if (!(error instanceof MustBeginAnew)) throw error;
      ends.push(error.receivedBytes);
      if (ends.length === beginnings) throw neverWhole(ends, error);
    }
    await delay(beginAnewDelayMs, undefined, { signal: request.signal });
  }
}

function neverWhole(ends: number[], cause: MustBeginAnew): AppError {
  if (new Set(ends).size === 1) return endsTooSoon(cause.receivedBytes, cause);
  return new AppError('SOURCE_UNREACHABLE', { message: 'The source breaks off each time.' }, { cause });
}

async function store(deps: StoreDeps, request: ImportRequest): Promise<ImportedSource> {
  const { key, etag } = deps.target;
  const given = new AbortController();
  const signal = AbortSignal.any([request.signal, given.signal]);
  const hash = createHash('sha256');
  let sizeBytes = 0;

  async function* pieces(): AsyncGenerator<Buffer> {
    const measured = withinLimits(deps, { ...request, signal });
    for await (const piece of mediaOnly(measured)) {
      hash.update(piece);
      sizeBytes += piece.length;
      yield piece;
    }
  }

  const body = Readable.from(pieces(), { objectMode: false });
  try {
    const options = { contentType: 'application/octet-stream', ifMatch: etag, signal: request.signal };
    if (!(await deps.blobs.putStream(key, body, options))) throw new AppError('LEASE_LOST');
    if (sizeBytes === 0) throw new AppError('UNSUPPORTED_MEDIA', { message: 'The source is empty.' });
    return { sizeBytes, sha256: hash.digest('hex') };
  } finally {
    // Where storage has failed, the source is still open.
    given.abort();
    body.destroy();
  }
}

/** Passes on the bytes of the source while there may be more of them. */
async function* withinLimits(
  { read, limits: { maxBytes } }: StoreDeps,
  { url, signal, checkStorage, onProgress }: ImportRequest,
): AsyncGenerator<Buffer> {
  let totalBytes: number | undefined;
  let receivedBytes = 0;
  function check(bytes: number): void {
    if (bytes > maxBytes) throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: maxBytes });
    checkStorage(bytes);
  }
  function onAnnounced(bytes: number): void {
    check(bytes);
    totalBytes = bytes;
    onProgress({ receivedBytes: 0, totalBytes });
  }
  for await (const piece of read(url, { signal, onAnnounced })) {
    receivedBytes += piece.length;
    check(receivedBytes);
    yield piece;
    onProgress({ receivedBytes, ...(totalBytes !== undefined && { totalBytes }) });
  }
}
