import {
  BlobSASPermissions,
  BlobServiceClient,
  RestError,
  SASProtocol,
  type BlobHTTPHeaders,
  type ContainerClient,
} from '@azure/storage-blob';
import { addAbortSignal, type Readable } from 'node:stream';
import { AppError } from '../schema/errors.js';

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

/** One container of blob storage. Names are keys as built by `schema/blob-paths`. */
export interface BlobContainer {
  /** Creates the container where it is missing. */
  ensure(): Promise<void>;
  /** Stores a small blob at once. Returns false where `ifMatch` did not hold. */
  put(name: string, body: Buffer, options: PutOptions): Promise<boolean>;
  /**
   * Stores a stream of any length with at most UPLOAD_BUFFERS × UPLOAD_BLOCK_BYTES in memory. The blob
   * appears whole at the end, or not at all.
   */
  putStream(
    name: string,
    body: Readable,
    options: { contentType: string; signal?: AbortSignal },
  ): Promise<void>;
  /** A whole blob in memory; undefined where there is none. */
  get(name: string, signal?: AbortSignal): Promise<Buffer | undefined>;
  properties(name: string, signal?: AbortSignal): Promise<BlobProperties | undefined>;
  list(prefix: string, signal?: AbortSignal): AsyncIterable<BlobInfo>;
  delete(name: string): Promise<void>;
  /** A URL that reads this one blob until it expires, without further credentials. */
  readUrl(name: string, expiresInSeconds: number): Promise<string>;
  isReady(): Promise<boolean>;
}

const UPLOAD_BLOCK_BYTES = 4 * 1024 * 1024;
const UPLOAD_BUFFERS = 3;

/** Clocks of signer and storage may differ by this much, milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

export function connectBlobContainer(deps: { connectionString: string; container: string }): BlobContainer {
  const service = BlobServiceClient.fromConnectionString(deps.connectionString, {
    retryOptions: { maxTries: 4, tryTimeoutInMs: 60_000, retryDelayInMs: 200, maxRetryDelayInMs: 4_000 },
  });
  return containerOf(service.getContainerClient(deps.container));
}

function containerOf(client: ContainerClient): BlobContainer {
  const blob = (name: string) => client.getBlockBlobClient(name);

  return {
    async ensure() {
      await client.createIfNotExists();
    },

    async put(name, body, { contentType, metadata, ifMatch, signal }) {
      try {
        await blob(name).upload(body, body.length, {
          blobHTTPHeaders: headers(contentType),
          metadata,
          abortSignal: signal,
          conditions: ifMatch === null ? { ifNoneMatch: '*' } : ifMatch ? { ifMatch } : undefined,
        });
        return true;
      } catch (error) {
        if (ifMatch !== undefined && hasStatus(error, 409, 412)) return false;
        throw unavailable(error);
      }
    },

    async putStream(name, body, { contentType, signal }) {
      // The SDK looks at the signal only between blocks: a sender that stalls would outlive it.
      if (signal) addAbortSignal(signal, body);
      await blob(name).uploadStream(body, UPLOAD_BLOCK_BYTES, UPLOAD_BUFFERS, {
        blobHTTPHeaders: headers(contentType),
        abortSignal: signal,
      });
    },

    async get(name, signal) {
      return orUndefined(() => blob(name).downloadToBuffer(0, undefined, { abortSignal: signal }));
    },

    async properties(name, signal) {
      const found = await orUndefined(() => blob(name).getProperties({ abortSignal: signal }));
      return (
        found && { bytes: found.contentLength ?? 0, etag: found.etag ?? '', metadata: found.metadata ?? {} }
      );
    },

    async *list(prefix, signal) {
      for await (const item of client.listBlobsFlat({ prefix, abortSignal: signal })) {
        yield { name: item.name, bytes: item.properties.contentLength ?? 0 };
      }
    },

    async delete(name) {
      await blob(name).deleteIfExists();
    },

    readUrl(name, expiresInSeconds) {
      const now = Date.now();
      return blob(name).generateSasUrl({
        permissions: BlobSASPermissions.parse('r'),
        startsOn: new Date(now - CLOCK_SKEW_MS),
        expiresOn: new Date(now + expiresInSeconds * 1000),
        protocol: client.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      });
    },

    isReady: () => client.exists(),
  };
}

const headers = (contentType: string): BlobHTTPHeaders => ({ blobContentType: contentType });

const hasStatus = (error: unknown, ...statuses: number[]): boolean =>
  error instanceof RestError && error.statusCode !== undefined && statuses.includes(error.statusCode);

const unavailable = (error: unknown): unknown =>
  error instanceof RestError && !hasStatus(error, 400, 404)
    ? new AppError('UNAVAILABLE', {}, { cause: error })
    : error;

async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw unavailable(error);
  }
}

/** A long film has thousands of files: one after the other they would take minutes. */
const DELETES_AT_ONCE = 32;

/** Deletes every blob below a prefix; returns how many. */
export async function deletePrefix(
  container: Pick<BlobContainer, 'list' | 'delete'>,
  prefix: string,
): Promise<number> {
  const blobs = container.list(prefix)[Symbol.asyncIterator]();
  let deleted = 0;
  async function deleteNext(): Promise<void> {
    for (let next = await blobs.next(); !next.done; next = await blobs.next()) {
      await container.delete(next.value.name);
      deleted += 1;
    }
  }
  await Promise.all(Array.from({ length: DELETES_AT_ONCE }, deleteNext));
  return deleted;
}
