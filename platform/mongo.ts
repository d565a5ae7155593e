import { buildSchema, type ReturnModelType } from '@typegoose/typegoose';
import type { AnyParamConstructor } from '@typegoose/typegoose/lib/types.js';
import mongoose, { type ClientSession, type Connection, type Schema } from 'mongoose';
import type { Logger } from './logger.js';
import { type Collections, collectionsOf, driverOptions } from './mongo-driver.js';

type SchemaClass = AnyParamConstructor<unknown>;

/** The database, as stores use it. */
export interface Database extends Collections {
  readonly connection: Connection;
  /** The model of a schema class on this connection. */
  model<T extends SchemaClass>(schemaClass: T): ReturnModelType<T>;
  /** Creates the indexes of these classes. */
  ensureIndexes(schemaClasses: readonly SchemaClass[]): Promise<void>;
  /** Runs `work` in one transaction; it may run more than once. */
  transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
}

/** Documents in the order in which their ids were asked for; undefined for those that are not there. */
export function inOrderOf<T extends { _id: string }>(
  ids: readonly string[],
  documents: readonly T[],
): (T | undefined)[] {
  const byId = new Map(documents.map((document) => [document._id, document]));
  return ids.map((id) => byId.get(id));
}

/** What classes say never changes, and takes milliseconds to read: one reading is enough for all connections. */
const schemas = new WeakMap<SchemaClass, Schema>();

function schemaOf(schemaClass: SchemaClass): Schema {
  const schema = schemas.get(schemaClass) ?? buildSchema(schemaClass);
  schemas.set(schemaClass, schema);
  return schema;
}

export async function connectMongo(deps: { url: string; log: Logger }): Promise<Database> {
  const connection = mongoose.createConnection(deps.url, {
    ...driverOptions,
    autoIndex: false,
    bufferCommands: false,
  });
  connection.on('error', (err: Error) => deps.log.warn({ err }, 'mongo connection error'));
  await connection.asPromise();
  const { db } = connection;
  if (!db) throw new Error('mongoose is connected to no database');

  // Not typegoose's getModelForClass: it keeps one model of a class for the whole process, bound to the
  // first connection.
  const model = <T extends SchemaClass>(schemaClass: T): ReturnModelType<T> =>
    (connection.models[schemaClass.name] ??
      connection.model(schemaClass.name, schemaOf(schemaClass))) as unknown as ReturnModelType<T>;

  return {
    ...collectionsOf(db),
    connection,
    model,
    async ensureIndexes(schemaClasses) {
      await Promise.all(schemaClasses.map((schemaClass) => model(schemaClass).createIndexes()));
    },
    transaction: (work) => connection.transaction(work),
    close: () => connection.close(),
  };
}
