import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { AnyParamConstructor } from '@typegoose/typegoose/lib/types.js';
import { connectMongo, type Database } from '../../platform/mongo.js';

/** A logger that says nothing. */
export const quietLog = pino({ level: 'silent' });

/** Value of a setting that the shared test stack provides. */
export function stackSetting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with npm test`);
  return value;
}

/** URL of a database of its own on the tests' server. */
export function testMongoUrl(): string {
  const url = new URL(stackSetting('MONGO_URL'));
  url.pathname = `/test-${randomUUID()}`;
  return url.href;
}

/** Runs `work` on an empty database with these indexes, and drops it. */
export async function withTestDatabase(
  schemaClasses: readonly AnyParamConstructor<unknown>[],
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const db = await connectMongo({ url: testMongoUrl(), log: quietLog });
  try {
    await db.ensureIndexes(schemaClasses);
    await work(db);
  } finally {
    await db.connection.dropDatabase();
    await db.close();
  }
}
