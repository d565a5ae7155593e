import { buildSchema, type ReturnModelType } from '@typegoose/typegoose';
import type { AnyParamConstructor } from '@typegoose/typegoose/lib/types.js';
import mongoose, { type ClientSession, type Connection, type Schema } from 'mongoose';
import type { Logger } from './logger.js';

type SchemaClass = AnyParamConstructor<unknown>;

/** The database, as stores use it. */
export interface Database {
  readonly connection: Connection;
  /** The model of a schema class on this connection. */
  model<T extends SchemaClass>(schemaClass: T): ReturnModelType<T>;
  /** Creates the indexes of these classes. */
  ensureIndexes(schemaClasses: readonly SchemaClass[]): Promise<void>;
  /** Runs `work` in one transaction; it may run more than once. */
  transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
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

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const DUPLICATE_KEY = 11_000;

/** Whether a write was refused because a unique index has its key already. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;

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
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    connectTimeoutMS: CONNECT_MS,
    socketTimeoutMS: 30_000,
    maxPoolSize: 50,
    retryWrites: true,
    w: 'majority',
    autoIndex: false,
    bufferCommands: false,
  });
  connection.on('error', (err: Error) => deps.log.warn({ err }, 'mongo connection error'));
  await connection.asPromise();

  // Not typegoose's getModelForClass: it keeps one model of a class for the whole process, bound to the
  // first connection.
  const model = <T extends SchemaClass>(schemaClass: T): ReturnModelType<T> =>
    (connection.models[schemaClass.name] ??
      connection.model(schemaClass.name, schemaOf(schemaClass))) as unknown as ReturnModelType<T>;

  return {
    connection,
    model,
    async ensureIndexes(schemaClasses) {
      await Promise.all(schemaClasses.map((schemaClass) => model(schemaClass).createIndexes()));
    },
    transaction: (work) => connection.transaction(work),
    async isReady() {
      const answer = await connection.db?.admin().ping({ timeoutMS: 1_500 });
      return answer?.ok === 1;
    },
    close: () => connection.close(),
  };
}
