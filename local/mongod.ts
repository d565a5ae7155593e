import { mkdirSync } from 'node:fs';
import mongoose from 'mongoose';
import type { Launch } from './managed-process.js';

const REPLICA_SET = 'rs0';
const ALREADY_INITIALIZED = 23;
const CACHE_GB = 0.25;

export interface MongodOptions {
  binary: string;
  dataDir: string;
  port: number;
}

/** Connection string of the embedded server. */
export const mongoUrl = (port: number) => `mongodb://127.0.0.1:${port}/stream-plus?replicaSet=${REPLICA_SET}`;

/** A replica set of one: transactions and change streams need a replica set. */
export function prepareMongod({ binary, dataDir, port }: MongodOptions): Launch {
  mkdirSync(dataDir, { recursive: true });
  const listen = ['--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket'];
  const storage = ['--dbpath', dataDir, '--wiredTigerCacheSizeGB', String(CACHE_GB)];
  // Every second it would write down how it is, for support engineers.
  const quiet = ['--quiet', '--setParameter', 'diagnosticDataCollectionEnabled=false'];
  return { command: binary, args: [...listen, ...storage, '--replSet', REPLICA_SET, ...quiet] };
}

/** Initiates the replica set where that is needed; resolves when the server is its primary. */
export async function mongodReady(port: number): Promise<void> {
  const client = new mongoose.mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
    connectTimeoutMS: 1_000,
  });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary && hello.me === `127.0.0.1:${port}`) return;
    await joinReplicaSet(admin, `127.0.0.1:${port}`);
    throw new Error('mongod is not yet primary');
  } finally {
    await client.close();
  }
}

type Admin = ReturnType<InstanceType<typeof mongoose.mongo.MongoClient>['db']>;

async function joinReplicaSet(admin: Admin, host: string): Promise<void> {
  const members = [{ _id: 0, host }];
  try {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members } });
  } catch (error) {
    if ((error as { code?: number }).code !== ALREADY_INITIALIZED) throw error;
    const { config } = (await admin.command({ replSetGetConfig: 1 })) as unknown as {
      config: { version: number; members: { host: string }[] };
    };
    if (config.members[0]?.host === host) return;
    // The data was made under another port.
    await admin.command({
      replSetReconfig: { ...config, version: config.version + 1, members },
      force: true,
    });
  }
}
