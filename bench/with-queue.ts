import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { createJobQueue, type JobQueue } from '../platform/job-queue.js';
import { createBroker, type Broker } from '../platform/kafka/broker.js';
import { connectMongo, type Database } from '../platform/mongo.js';
import { createJobStore, type JobStore } from '../processor/pool/job-store.js';
import { DispatchClock, Flow } from '../schema/dispatch-state.js';
import { Job } from '../schema/job.js';

export interface Servers {
  mongoUrl: string;
  brokers: string[];
}

/** The queue as processors have it, on a database of its own. */
export interface QueueParts {
  db: Database;
  broker: Broker;
  queue: JobQueue;
  store: JobStore;
}

/** Runs `work` with an empty queue on real servers; nothing of it stays. */
export async function withQueue<T>(servers: Servers, work: (parts: QueueParts) => Promise<T>): Promise<T> {
  const log = pino({ level: 'silent' });
  const url = new URL(servers.mongoUrl);
  url.pathname = `/bench-${randomUUID()}`;
  const db = await connectMongo({ url: url.href, log });
  const broker = createBroker({ brokers: servers.brokers, clientId: 'bench', log });
  const publisher = broker.publisher();
  try {
    await db.ensureIndexes([Job, Flow, DispatchClock]);
    const queue = createJobQueue({ db, publisher });
    return await work({ db, broker, queue, store: createJobStore({ db, leaseSeconds: 30 }) });
  } finally {
    await publisher.close();
    await db.connection.dropDatabase();
    await db.close();
  }
}
