import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { AnyParamConstructor } from '@typegoose/typegoose/lib/types.js';
import type { Database } from '../../platform/mongo.js';
import { type PooledDatabase, takeDatabase } from './database-pool.js';

/** A logger that says nothing. */
export const quietLog = pino({ level: 'silent' });

/** Value of a setting that the shared test stack provides. */
export function stackSetting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with npm test`);
  return value;
}

/** URL of a database of its own on the tests' server, one that does not exist yet. */
export function testMongoUrl(): string {
  const url = new URL(stackSetting('MONGO_URL'));
  url.pathname = `/test-${randomUUID()}`;
  return url.href;
}

/** An empty database; it may have collections and indexes that earlier tests have made. */
export const takeTestDatabase = (): Promise<PooledDatabase> =>
  takeDatabase({
    serverUrl: stackSetting('MONGO_URL'),
    folder: process.env.TEST_DATABASES,
    log: quietLog,
  });

/** Runs `work` on an empty database with these indexes, among others. */
export async function withTestDatabase(
  schemaClasses: readonly AnyParamConstructor<unknown>[],
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const { db, giveBack } = await takeTestDatabase();
  try {
    await db.ensureIndexes(schemaClasses);
    await work(db);
  } finally {
    await giveBack();
  }
}
