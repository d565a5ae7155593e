import {
  type BlobClient,
  BlobSASPermissions,
  BlobServiceClient,
  newPipeline,
  SASProtocol,
  type BlobHTTPHeaders,
  type ContainerClient,
  type RequestPolicyFactory,
} from '@azure/storage-blob';
import { addAbortSignal, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../schema/errors.js';
import { answered, hasStatus, orFalse, orUndefined, unavailable } from './blob-errors.js';
import { CLOCK_SKEW_MS } from './read-urls.js';

export interface BlobInfo {
  name: string;
  bytes: number;
}

export interface BlobProperties {
  bytes: number;
  etag: string;
  metadata: Record<string, string>;
}

export interface PutOptions {
  contentType: string;
  metadata?: Record<string, string>;
  /** Writes only over the version with this ETag; `null`: only where there is no blob yet. */
  ifMatch?: string | null;
  signal?: AbortSignal;
}

/**
 * One container of blob storage. Names are keys as built by `schema/blob-paths`. Where storage refuses,
 * breaks off or does not answer in time, every call throws AppError UNAVAILABLE.
 */
export interface BlobContainer {
  /** Creates the container where it is missing. */
  ensure(): Promise<void>;
  /** Stores a small blob at once. Returns false where `ifMatch` did not hold. */
  put(name: string, body: Buffer, options: PutOptions): Promise<boolean>;
  /**
   * Stores a stream of any length with at most UPLOAD_BUFFERS × UPLOAD_BLOCK_BYTES in memory. The blob
   * appears whole at the end, or not at all. Returns false where `ifMatch` did not hold then.
   */
  putStream(name: string, body: Readable, options: Omit<PutOptions, 'metadata'>): Promise<boolean>;
  /**
   * Removes a blob, and what was staged for it or is left of a stream that was not stored whole; with `ifMatch` only where
   * nothing else has come in the meantime, else returns false.
   */
  discardBlocks(name: string, ifMatch?: string | null): Promise<boolean>;
  /** A whole blob in memory; undefined where there is none. */
  get(name: string, signal?: AbortSignal): Promise<Buffer | undefined>;
  properties(name: string, signal?: AbortSignal): Promise<BlobProperties | undefined>;
  list(prefix: string, signal?: AbortSignal): AsyncIterable<BlobInfo>;
  delete(name: string): Promise<void>;
  /** A URL that creates and overwrites this one blob until it expires, and reads nothing. */
  writeUrl(name: string, expiresInSeconds: number): Promise<string>;
  /** Some bytes of a blob, which must lie within it and fit in memory. Undefined where there is no such blob. */
  readBytes(
    name: string,
    range: { start: number; bytes: number },
    signal?: AbortSignal,
  ): Promise<Buffer | undefined>;
  /** Keeps a block for a blob that is not committed yet; the same id again replaces it. */
  stageBlock(name: string, blockId: string, body: Buffer, signal?: AbortSignal): Promise<void>;
  /** Makes a blob of staged blocks, in this order. All their ids must have the same length. */
  commitBlocks(name: string, blockIds: readonly string[]): Promise<void>;
  /** Copies a blob within storage, as it is now. @throws AppError NOT_FOUND where there is none */
  copy(from: string, to: string, signal?: AbortSignal): Promise<void>;
  isReady(): Promise<boolean>;
}

const UPLOAD_BLOCK_BYTES = 4 * 1024 * 1024;
const UPLOAD_BUFFERS = 3;

/** Within one account a copy takes moments; this is the longest that one may take, seconds. */
const COPY_SECONDS = 3_600;
const COPY_POLL_MS = 500;

/** Of source files: what they are is found out by looking into them. */
const SOURCE_TYPE = 'application/octet-stream';

/** The longest that one request may take, answer and tries included: none moves more than a few megabytes. */
const REQUEST_MS = 30_000;

export function connectBlobContainer(deps: {
  connectionString: string;
  container: string;
  requestMs?: number;
}): BlobContainer {
  const { url, credential } = BlobServiceClient.fromConnectionString(deps.connectionString);
  const pipeline = newPipeline(credential, {
    retryOptions: { maxTries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 4_000 },
  });
  pipeline.factories.push(endAfter(deps.requestMs ?? REQUEST_MS));
  return containerOf(new BlobServiceClient(url, pipeline).getContainerClient(deps.container));
}

/**
 * Ends a request, with all its tries, that takes too long. The SDK's own timeout only asks the server to
 * give up: one that does not answer at all would be waited for without end.
 */
const endAfter = (requestMs: number): RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest(request) {
      const deadline = AbortSignal.timeout(requestMs);
      const { abortSignal } = request;
      request.abortSignal = abortSignal ? AbortSignal.any([abortSignal as AbortSignal, deadline]) : deadline;
      return next.sendRequest(request);
    },
  }),
});

function containerOf(client: ContainerClient): BlobContainer {
  const blob = (name: string) => client.getBlockBlobClient(name);

  return {
    async ensure() {
      await answered(client.createIfNotExists());
    },

    async put(name, body, { contentType, metadata, ifMatch, signal }) {
      try {
        await blob(name).upload(body, body.length, {
          blobHTTPHeaders: headers(contentType),
          metadata,
          abortSignal: signal,
          conditions: conditions(ifMatch),
        });
        return true;
      } catch (error) {
        return orFalse(error, ifMatch, signal);
      }
    },

    async putStream(name, body, { contentType, ifMatch, signal }) {
      // The SDK looks at the signal only between blocks: a sender that stalls would outlive it.
      if (signal) addAbortSignal(signal, body);
      const options = {
        blobHTTPHeaders: headers(contentType),
        conditions: conditions(ifMatch),
        abortSignal: signal,
      };
      try {
        await blob(name).uploadStream(body, UPLOAD_BLOCK_BYTES, UPLOAD_BUFFERS, options);
        return true;
      } catch (error) {
        return orFalse(error, ifMatch, signal);
      }
    },

    async discardBlocks(name, ifMatch) {
      try {
        // Storage keeps staged blocks for a week, unless their blob is committed without them.
        const { etag } = await blob(name).commitBlockList([], { conditions: conditions(ifMatch) });
        await blob(name).deleteIfExists({ conditions: { ifMatch: etag } });
        return true;
      } catch (error) {
        return orFalse(error, ifMatch);
      }
    },

    get: (name, signal) =>
      orUndefined(blob(name).downloadToBuffer(0, undefined, { abortSignal: signal }), signal),

    async properties(name, signal) {
      const found = await orUndefined(blob(name).getProperties({ abortSignal: signal }), signal);
      return (
        found && { bytes: found.contentLength ?? 0, etag: found.etag ?? '', metadata: found.metadata ?? {} }
      );
    },

    async *list(prefix, signal) {
      const items = client.listBlobsFlat({ prefix, abortSignal: signal });
      for (let next = await answered(items.next(), signal); !next.done;) {
        yield { name: next.value.name, bytes: next.value.properties.contentLength ?? 0 };
        next = await answered(items.next(), signal);
      }
    },

    async delete(name) {
      await answered(blob(name).deleteIfExists());
    },

    writeUrl: (name, expiresInSeconds) => signedUrl(blob(name), 'cw', expiresInSeconds),

    readBytes: (name, { start, bytes }, signal) =>
      orUndefined(blob(name).downloadToBuffer(start, bytes, { abortSignal: signal }), signal),

    async stageBlock(name, blockId, body, signal) {
      await answered(
        blob(name).stageBlock(base64(blockId), body, body.length, { abortSignal: signal }),
        signal,
      );
    },

    async commitBlocks(name, blockIds) {
      const options = { blobHTTPHeaders: headers(SOURCE_TYPE) };
      await answered(blob(name).commitBlockList(blockIds.map(base64), options));
    },

    copy: (from, to, signal) => copyBlob(blob(from), blob(to), signal),

    isReady: () => client.exists(),
  };
}

const base64 = (blockId: string): string => Buffer.from(blockId).toString('base64');

const signedUrl = (blob: BlobClient, permissions: string, expiresInSeconds: number): Promise<string> =>
  blob.generateSasUrl({
    permissions: BlobSASPermissions.parse(permissions),
    ...validFor(blob.url, expiresInSeconds),
  });

function validFor(url: string, seconds: number) {
  const now = Date.now();
  return {
    startsOn: new Date(now - CLOCK_SKEW_MS),
    expiresOn: new Date(now + seconds * 1000),
    protocol: url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
  };
}

async function copyBlob(from: BlobClient, to: BlobClient, signal?: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(COPY_SECONDS * 1000);
  const abortSignal = signal ? AbortSignal.any([signal, deadline]) : deadline;
  try {
    const source = await signedUrl(from, 'r', COPY_SECONDS);
    const copy = await to.beginCopyFromURL(source, { abortSignal });
    while (!copy.isDone()) {
      await delay(COPY_POLL_MS, undefined, { signal: abortSignal });
      await copy.poll({ abortSignal });
    }
    await copy.pollUntilDone();
  } catch (error) {
    if (hasStatus(error, 404)) throw new AppError('NOT_FOUND', {}, { cause: error });
    throw unavailable(error, signal);
  }
}

const headers = (contentType: string): BlobHTTPHeaders => ({ blobContentType: contentType });

const conditions = (ifMatch: string | null | undefined) =>
  ifMatch === null ? { ifNoneMatch: '*' } : ifMatch ? { ifMatch } : undefined;
