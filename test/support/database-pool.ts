import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AnyParamConstructor } from '@typegoose/typegoose/lib/types.js';
import { connectMongo, type Database } from '../../platform/mongo.js';
import type { Logger } from '../../platform/logger.js';

/** An empty database that nobody else uses until it is given back. */
export interface PooledDatabase {
  readonly url: string;
  /** A connection to it; knows which indexes earlier tests have made. */
  readonly db: Database;
  /** Closes the connection and lets another test have it: nothing must use it any more. */
  giveBack: () => Promise<void>;
}

interface Known {
  name: string;
  /** Schema classes whose indexes exist. */
  indexed: string[];
}

/**
 * Takes a database that was given back, or a new one. To make all collections and indexes takes mongod much
 * longer than most tests; to remove some documents takes it milliseconds. `folder` says which were given back;
 * without one nothing is kept.
 */
export async function takeDatabase(deps: {
  serverUrl: string;
  folder?: string;
  log: Logger;
}): Promise<PooledDatabase> {
  const { serverUrl, folder, log } = deps;
  const { name, indexed } = (folder && (await takeKnown(folder))) || newDatabase();
  const address = new URL(serverUrl);
  address.pathname = `/${name}`;
  const url = address.href;
  const connected = await connectMongo({ url, log });
  // Now, not when it was given back: what was still on its way then has arrived.
  await empty(connected);
  const known = new Set(indexed);
  const ensureIndexes = async (schemaClasses: readonly AnyParamConstructor<unknown>[]): Promise<void> => {
    const missing = schemaClasses.filter((schemaClass) => !known.has(schemaClass.name));
    await connected.ensureIndexes(missing);
    for (const schemaClass of missing) known.add(schemaClass.name);
  };
  return {
    url,
    db: { ...connected, ensureIndexes },
    async giveBack() {
      if (!folder) await connected.connection.dropDatabase();
      await connected.close();
      if (folder) await keep(folder, { name, indexed: [...known] });
    },
  };
}

const newDatabase = (): Known => ({ name: `test-${randomUUID()}`, indexed: [] });

/** Each is a file, which only one process can remove. */
async function takeKnown(folder: string): Promise<Known | undefined> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    try {
      const text = await readFile(file, 'utf8');
      await unlink(file);
      return { name, indexed: JSON.parse(text) as string[] };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** Whole at once, for who looks meanwhile. */
async function keep(folder: string, { name, indexed }: Known): Promise<void> {
  const draft = `${folder}-${name}`;
  await writeFile(draft, JSON.stringify(indexed));
  await rename(draft, path.join(folder, name));
}

async function empty({ connection }: Database): Promise<void> {
  const collections = (await connection.db?.collections()) ?? [];
  // One after the other: side by side each would open a connection of its own, which takes longer.
  for (const collection of collections) {
    // What the profiler has written can only be dropped.
    if (collection.collectionName.startsWith('system.')) await collection.drop();
    else await collection.deleteMany({});
  }
}
