import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Agent, request, type Dispatcher } from 'undici';
import { AppError } from '../schema/errors.js';
import { type Body, BufferBody } from './memory/body.js';
import { receiveBlob, type ArrivingBlob } from './arriving-blob.js';
import type { SignReadUrls } from './read-urls.js';

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

export interface BlobReader {
  open: OpenBlob;
  /**
   * Reads at most `maxBytes` from `start` on; undefined where there is no such blob, no bytes where it ends
   * before. @throws as `open`
   */
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
 * Reads blobs over plain HTTP with signed URLs, which costs a third of what the storage SDK's own download costs on
 * small blobs.
 */
export function createBlobReader(deps: { readUrls: SignReadUrls }): BlobReader {
  const agent = new Agent({
    // One more, so that readiness is told however many read.
    connections: READS + 1,
    maxResponseSize: MAX_BLOB_BYTES,
    connectTimeout: 2_000,
    headersTimeout: READ_TIMEOUT_MS,
    bodyTimeout: READ_TIMEOUT_MS,
  });

  // Who waits for a connection costs a fraction of a request that waits for one.
  const inTurn = pLimit(READS);

  let signed: { urlOf: (key: string) => string; until: number } | undefined;

  function urlOf(key: string): string {
    const now = Date.now();
    if (!signed || signed.until <= now)
      signed = { urlOf: deps.readUrls(SAS_SECONDS), until: now + SIGN_EVERY_MS };
    return signed.urlOf(key);
  }

  /**
   * Asks until there is an answer that `received` can make something of.
   * @throws AppError UNAVAILABLE where storage does not answer in time, refuses or breaks off, or too many wait for it;
   * INTERNAL_SERVER_ERROR for an answer of more than MAX_BLOB_BYTES.
   */
  const ask = <T>(
    key: string,
    options: { signal: AbortSignal; headers?: Record<string, string> },
    received: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> => {
    if (inTurn.pendingCount >= MAX_WAITING) return Promise.reject(new AppError('UNAVAILABLE'));
    return inTurn(async () => {
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
      for (let attempts = 1; ; attempts += 1) {
        try {
          return await received(await request(urlOf(key), { ...options, dispatcher: agent, signal }));
        } catch (cause) {
          if (cause instanceof AppError) throw cause;
          if (attempts === ATTEMPTS || signal.aborted) throw new AppError('UNAVAILABLE', {}, { cause });
        }
        await delay(RETRY_DELAY_MS * attempts);
      }
    });
  };

  async function open(
    key: string,
    signal: AbortSignal,
    allocate: (length: number) => Body = (length) => BufferBody.ofLength(length),
  ): Promise<OpenedBlob | undefined> {
    const response = await ask(key, { signal }, async (answer) =>
      answer.statusCode === 200 ? { ...answer, length: await lengthOf(answer) } : nothing(answer),
    );
    if (!response) return undefined;
    const { length, body } = response;
    const etag = String(response.headers.etag);
    let attempts = 1;
    const resume = (start: number, cause: unknown) => {
      if (attempts === ATTEMPTS) throw new AppError('UNAVAILABLE', {}, { cause });
      attempts += 1;
      return ask(key, { signal, headers: { range: `bytes=${start}-`, 'if-match': etag } }, piecesOf);
    };
    return { etag, arriving: receiveBlob(allocate(length), body, resume) };
  }

  return {
    open,
    readPart: (key, { start, maxBytes }, signal) =>
      ask(key, { signal, headers: { range: `bytes=${start}-${start + maxBytes - 1}` } }, partOfBlob),
    async isReady() {
      const signal = AbortSignal.timeout(READ_TIMEOUT_MS);
      const { headers, body } = await request(urlOf('none'), { method: 'HEAD', dispatcher: agent, signal });
      await body.dump();
      // Nothing but a container that is there says that it has no such blob.
      return headers['x-ms-error-code'] === 'BlobNotFound';
    },
    close: () => agent.close(),
  };
}

/** The rest of a blob. @throws Error for any other answer */
async function piecesOf(response: Dispatcher.ResponseData): Promise<AsyncIterable<Buffer>> {
  if (response.statusCode === 206) return response.body;
  await response.body.dump();
  throw new Error(`blob storage answered ${response.statusCode}`);
}

async function partOfBlob(response: Dispatcher.ResponseData): Promise<BlobPart | undefined> {
  const { statusCode, headers } = response;
  const totalBytes = Number(/\/(\d+)$/.exec(String(headers['content-range']))?.[1]);
  if (statusCode === 206 && Number.isSafeInteger(totalBytes)) {
    const { body, whole } = receiveBlob(BufferBody.ofLength(await lengthOf(response)), response.body);
    await whole;
    return { body: body.bytes(), totalBytes };
  }
  if (statusCode !== 416) return nothing(response);
  await response.body.dump();
  return { body: Buffer.alloc(0), totalBytes: Number.isSafeInteger(totalBytes) ? totalBytes : 0 };
}

/** Bytes that are announced. @throws AppError INTERNAL_SERVER_ERROR where these are more than MAX_BLOB_BYTES */
async function lengthOf({ headers, body }: Dispatcher.ResponseData): Promise<number> {
  const length = Number(headers['content-length'] ?? NaN);
  if (length <= MAX_BLOB_BYTES) return length;
  await body.dump();
  if (Number.isNaN(length)) throw new Error('blob storage did not say how long a blob is');
  const cause = new Error(`a blob is larger than ${MAX_BLOB_BYTES} bytes`);
  throw new AppError('INTERNAL_SERVER_ERROR', {}, { cause });
}

/** What is left of an answer without a blob in it. */
async function nothing({ statusCode, body }: Dispatcher.ResponseData): Promise<undefined> {
  await body.dump();
  if (statusCode !== 404) throw new Error(`blob storage answered ${statusCode}`);
}
