import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { DetailedError, Upload } from 'tus-js-client';
import { z } from 'zod';
import { GraphqlError, type GraphqlClient } from './graphql-client.js';

export interface ResumableFile {
  path: string;
  sizeBytes: number;
  projectId: string;
  title?: string;
  /** Told how much of the file the network has taken so far. */
  onSent: (sentBytes: number) => void;
}

const createUpload = `mutation ($input: CreateUploadInput!) {
  createUpload(input: $input) { uploadUrl video { id } } }`;

/** A connection that breaks is made again after these times, from the first one on each time that bytes arrived. */
const RETRY_DELAYS_MS = [0, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000];

/**
 * Uploads a file over tus 1.0, going on where a broken connection left off. Returns the video's id.
 * @throws GraphqlError
 */
export async function uploadResumable(
  client: GraphqlClient,
  file: ResumableFile,
  signal: AbortSignal,
): Promise<string> {
  const { projectId, title, sizeBytes } = file;
  const input = { projectId, title, filename: basename(file.path), sizeBytes };
  const answer = await client.request<{ createUpload: { uploadUrl: string; video: { id: string } } }>(
    { query: createUpload, variables: { input } },
    signal,
  );
  await sendPieces(answer.createUpload.uploadUrl, file, signal);
  return answer.createUpload.video.id;
}

async function sendPieces(uploadUrl: string, file: ResumableFile, signal: AbortSignal): Promise<void> {
  const source = createReadStream(file.path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const upload = new Upload(source, {
    uploadUrl,
    uploadSize: file.sizeBytes,
    retryDelays: RETRY_DELAYS_MS,
    storeFingerprintForResuming: false,
    onProgress: (sentBytes) => file.onSent(sentBytes),
    onShouldRetry: (error) => mayRetry(error),
    onSuccess: () => resolve(),
    onError: (error) => reject(explain(error)),
  });
  const stop = () => {
    void upload.abort();
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    upload.start();
    await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    source.destroy();
  }
}

/** Whoever is told to wait, finds it held or gets no answer tries again; other refusals are final. */
function mayRetry(error: unknown): boolean {
  const status = error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
  return status === 0 || status >= 500 || [409, 423, 429, 460].includes(status);
}

const problem = z.object({ code: z.string(), title: z.string() });

function explain(error: Error): Error {
  const body = error instanceof DetailedError ? error.originalResponse?.getBody() : undefined;
  try {
    const { code, title } = problem.parse(JSON.parse(body ?? ''));
    return new GraphqlError(code, title, { cause: error });
  } catch {
    return new GraphqlError('UNAVAILABLE', `The upload broke off: ${error.message}`, { cause: error });
  }
}
