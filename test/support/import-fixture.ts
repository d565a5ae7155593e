import { randomBytes, randomUUID } from 'node:crypto';
import { connectBlobContainer } from '../../platform/blob.js';
import { createGuardedFetch, type FetchLimits, type ResolveName } from '../../platform/guarded-fetch.js';
import { publicAddresses } from '../../platform/public-address.js';
import { createImportSource, type ImportLimits } from '../../processor/import/import-source.js';
import { createSourceReader, type ReaderLimits } from '../../processor/import/source-reader.js';
import { AppError } from '../../schema/errors.js';
import { startBadServer, type Answer, type BadServer } from './bad-server.js';
import { quietLog, stackSetting } from './test-database.js';

/** Where sources are stored; to be made by `ensure` first. */
export const importBlobs = connectBlobContainer({
  connectionString: stackSetting('AZURE_STORAGE_CONNECTION_STRING'),
  container: `imports-${randomUUID()}`,
});
export interface ImportOptions {
  url?: (server: BadServer) => string;
  resolve?: ResolveName;
  fetch?: Partial<FetchLimits>;
  reader?: Partial<ReaderLimits>;
  limits?: Partial<ImportLimits>;
  storageLeft?: number;
  signal?: AbortSignal;
  onProgress?: (bytes: number, total?: number) => void;
}

const loopback = [{ address: '127.0.0.1', prefixLength: 32, family: 'ipv4' as const }];

/** Imports `/film` of a server of its own, with limits that no test has to wait for. */
export async function importFrom(answers: Readonly<Record<string, Answer>>, options: ImportOptions = {}) {
  await using server = await startBadServer(answers);
  const key = `source-${randomUUID()}`;
  const { resolve, storageLeft = Infinity } = options;
  const fetch = createGuardedFetch({
    isAllowed: publicAddresses(loopback),
    ...(resolve && { resolve }),
    limits: { headMs: 500, idleMs: 500, ...options.fetch },
  });
  const importSource = createImportSource({
    read: createSourceReader({ fetch, limits: { firstDelayMs: 1, ...options.reader } }),
    blobs: importBlobs,
    limits: { maxBytes: 50_000_000, maxMs: 20_000, beginnings: 3, beginAnewDelayMs: 1, ...options.limits },
    log: quietLog,
  });
  const progress: { receivedBytes: number; totalBytes?: number }[] = [];
  const url = new URL(options.url?.(server) ?? server.url('/film'));
  try {
    const imported = await importSource({
      ...{ url, key, signal: options.signal ?? new AbortController().signal },
      checkStorage(bytes) {
        if (bytes > storageLeft) throw new AppError('QUOTA_EXCEEDED');
      },
      onProgress(now) {
        progress.push(now);
        options.onProgress?.(now.receivedBytes, now.totalBytes);
      },
    });
    const stored = await importBlobs.get(key);
    return { outcome: 'OK', imported, stored, seen: server.seen, progress };
  } catch (error) {
    // As the runner of jobs does: why it was told to stop says more than how it has.
    const why = (options.signal?.reason as unknown) ?? error;
    const outcome = why instanceof AppError ? why.code : String(why);
    const message = error instanceof Error ? error.message : '';
    const isLeft = (await importBlobs.properties(key)) !== undefined;
    return { outcome, message, isLeft, seen: server.seen, progress, connections: await server.open() };
  }
}

/** As much of an MP4 as its first bytes. */
const mp4Head = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1');

/** Bytes that could be a film, as far as the first of them tell. */
export const madeUpFilm = (bytes: number): Buffer =>
  Buffer.concat([mp4Head, randomBytes(bytes - mp4Head.length)]);

/** How an import ends that fails: nothing is left of it. */
export const failedImport = (code: string) => ({ outcome: code, isLeft: false, connections: 0 });

export const redirectTo =
  (location: string): Answer =>
  (_, response) =>
    void response.writeHead(302, { location }).end();

export const answerStatus =
  (code: number, headers = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end('secret of the server');
