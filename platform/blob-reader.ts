import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../schema/errors.js';
import { type ArrivingBlob, FillingBlob } from './arriving-blob.js';
import { asError } from './as-error.js';
import { type Body, BufferBody } from './memory/body.js';
import type { ReadUrls } from './read-urls.js';
import { createStorageClient } from './storage-client/client.js';
import type { Request } from './storage-client/connection.js';
import { createTurns } from './turns.js';

/** A blob of which storage has begun to send the body. */
export interface OpenedBlob {
  /** Strong validator, quoted (RFC 9110 section 8.8.3). */
  etag: string;
  arriving: ArrivingBlob;
}

/** Some bytes of a blob, and how many it has in all. */
export interface BlobPart {
  body: Buffer;
  totalBytes: number;
}

/** Reads one blob; undefined where there is none. Does not wait for the body, which comes while the signal lets it. */
export type OpenBlob = (
  key: string,
  signal: AbortSignal,
  allocate?: (length: number) => Body,
) => Promise<OpenedBlob | undefined>;

/**
 * What it throws: AppError UNAVAILABLE where storage does not answer in time, refuses or breaks off, or too many wait for it;
 * INTERNAL_SERVER_ERROR for an answer of more than MAX_BLOB_BYTES.
 */
export interface BlobReader {
  open: OpenBlob;
  /** Reads at most `maxBytes` from `start` on; undefined where there is no such blob, no bytes where it ends before. */
  readPart(
    key: string,
    range: { start: number; maxBytes: number },
    signal: AbortSignal,
  ): Promise<BlobPart | undefined>;
  /** Whether storage answers, and has the container. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/** Reads at the same time; with MAX_BLOB_BYTES this bounds what they hold in memory. */
const READS = 32;

/** Some kilobytes each. Those that come then wait for more than anybody has patience for. */
const MAX_WAITING = 5_000;

/** Twice the largest segment the ladder allows; nothing bigger is ever published. */
const MAX_BLOB_BYTES = 32 * 1024 * 1024;

const READ_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 50;
const SAS_SECONDS = 600;
const SIGN_EVERY_MS = 300_000;

/**
 * Reads blobs over plain HTTP with signed URLs, which costs a fraction of what the storage SDK's own download costs on
 * small blobs.
 */
export function createBlobReader(deps: { readUrls: ReadUrls; now?: () => number }): BlobReader {
  const { now = Date.now } = deps;
  const client = createStorageClient({ origin: deps.readUrls.origin });
  const turns = createTurns(READS);

  let signed: { pathOf: (key: string) => string; until: number } | undefined;

  function pathOf(key: string): string {
    const at = now();
    if (!signed || signed.until <= at)
      signed = { pathOf: deps.readUrls.sign(SAS_SECONDS), until: at + SIGN_EVERY_MS };
    return signed.pathOf(key);
  }

  /** Asks when it is its turn, and again until a reply was taken whole; `next`: what is asked now. */
  const read = (
    key: string,
    signal: AbortSignal,
    next: () => Pick<Request, 'receive' | 'headers'>,
  ): Promise<void> => {
    if (turns.waiting >= MAX_WAITING) return Promise.reject(new AppError('UNAVAILABLE'));
    return turns.run(async () => {
      for (let attempts = 1; ; attempts += 1) {
        try {
          const how = { method: 'GET', withinMs: READ_TIMEOUT_MS, signal } as const;
          return await client.ask({ ...how, path: pathOf(key), ...next() });
        } catch (cause) {
          if (cause instanceof AppError) throw cause;
          if (attempts === ATTEMPTS || signal.aborted) throw new AppError('UNAVAILABLE', {}, { cause });
        }
        await delay(RETRY_DELAY_MS * attempts);
      }
    });
  };

  const open: OpenBlob = (key, signal, allocate = (length) => BufferBody.ofLength(length)) =>
    new Promise((resolve, reject) => {
      let opened: { etag: string; arriving: FillingBlob } | undefined;
      read(key, signal, () => {
        if (opened) return restOf(opened);
        return {
          receive({ status, headers }, length) {
            if (status === 404) return undefined;
            if (status !== 200) throw new Error(`blob storage answered ${status}`);
            const arriving = new FillingBlob(allocate(checkLength(length)));
            opened = { etag: headers.get('etag') ?? '', arriving };
            resolve(opened);
            return (bytes) => arriving.take(bytes);
          },
        };
      }).then(
        () => resolve(undefined),
        (error: unknown) => {
          opened?.arriving.fail(asError(error));
          reject(asError(error));
        },
      );
    });

  return {
    open,

    async readPart(key, { start, maxBytes }, signal) {
      let part: { arriving: FillingBlob; totalBytes: number } | undefined;
      const headers = { range: `bytes=${start}-${start + maxBytes - 1}` };
      await read(key, signal, () => ({
        headers,
        receive({ status, headers: told }, length) {
          part = undefined;
          if (status === 404) return undefined;
          const totalBytes = Number(/\/(\d+)$/.exec(told.get('content-range') ?? '')?.[1]);
          const isKnown = Number.isSafeInteger(totalBytes);
          const isEmpty = status === 416;
          if (!isEmpty && !(status === 206 && isKnown)) throw new Error(`blob storage answered ${status}`);
          const arriving = new FillingBlob(BufferBody.ofLength(isEmpty ? 0 : checkLength(length)));
          part = { arriving, totalBytes: isKnown ? totalBytes : 0 };
          return isEmpty ? undefined : (bytes) => arriving.take(bytes);
        },
      }));
      return part && { body: part.arriving.body.bytes(), totalBytes: part.totalBytes };
    },

    async isReady() {
      let code: string | undefined;
      await client.ask({
        ...{ method: 'HEAD', path: pathOf('none'), withinMs: READ_TIMEOUT_MS },
        signal: new AbortController().signal,
        receive({ headers }) {
          code = headers.get('x-ms-error-code');
          return undefined;
        },
      });
      // Nothing but a container that is there says that it has no such blob.
      return code === 'BlobNotFound';
    },

    close: () => client.close(),
  };
}

/** What is missing of a blob that has not come whole. */
const restOf = ({ etag, arriving }: { etag: string; arriving: FillingBlob }) => ({
  headers: { range: `bytes=${arriving.filled}-`, 'if-match': etag },
  receive({ status }: { status: number }, length: number | undefined) {
    const isRest = status === 206 && length === arriving.body.length - arriving.filled;
    if (!isRest)
      throw new Error(`blob storage answered ${status} with ${length} bytes when asked for the rest`);
    return (bytes: Buffer) => arriving.take(bytes);
  },
});

/** @throws AppError INTERNAL_SERVER_ERROR where more than MAX_BLOB_BYTES are announced; Error where nothing is */
function checkLength(length: number | undefined): number {
  if (length === undefined) throw new Error('blob storage did not say how long a blob is');
  if (length <= MAX_BLOB_BYTES) return length;
  const cause = new Error(`a blob is larger than ${MAX_BLOB_BYTES} bytes`);
  throw new AppError('INTERNAL_SERVER_ERROR', {}, { cause });
}
