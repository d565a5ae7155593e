import { type Collection, type Db, MongoClient, type MongoClientOptions, MongoServerError } from 'mongodb';
import type { Collected } from '../schema/collections.js';

/** What is kept under these names, for whoever has no models. */
export interface Collections {
  collection<N extends keyof Collected>(name: N): Collection<Collected[N]>;
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/** How long an operation waits for a usable server before it fails, milliseconds. */
const SERVER_SELECTION_MS = 3_000;

/**
 * How often each server is looked at, and how long it has to answer, milliseconds: one that hangs is given
 * up after their sum, and with it what waits for its answers. The driver's own values make that 40 s.
 */
const HEARTBEAT_MS = 2_000;
const CONNECT_MS = 5_000;

export const driverOptions = {
  serverSelectionTimeoutMS: SERVER_SELECTION_MS,
  heartbeatFrequencyMS: HEARTBEAT_MS,
  connectTimeoutMS: CONNECT_MS,
  socketTimeoutMS: 30_000,
  maxPoolSize: 50,
  retryWrites: true,
  w: 'majority',
} as const satisfies MongoClientOptions;

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const DUPLICATE_KEY = 11_000;

/** Whether a write was refused because a unique index has its key already. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** Connects without mongoose and the models, which take 20 MB and a second of a start. */
export async function connectCollections(url: string): Promise<Collections> {
  const client = new MongoClient(url, driverOptions);
  await client.connect();
  return { ...collectionsOf(client.db()), close: () => client.close() };
}

export const collectionsOf = (db: Db): Omit<Collections, 'close'> => ({
  collection: <N extends keyof Collected>(name: N) => db.collection<Collected[N]>(name),
  async isReady() {
    const { ok } = await db.admin().ping({ timeoutMS: 1_500 });
    return ok === 1;
  },
});
