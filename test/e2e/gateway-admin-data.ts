import type { Database } from '../../platform/mongo.js';
import { DeadLetter } from '../../schema/dead-letter.js';
import { newId } from '../../schema/ids.js';
import { Job } from '../../schema/job.js';
import { Worker } from '../../schema/worker.js';

/** Stores a job that is queued, or as `change` says. Returns its id. */
export async function storeJob(
  db: Database,
  owner: { organizationId: string; videoId?: string },
  change: Partial<Job> = {},
): Promise<string> {
  const job = {
    ...({ kind: 'CHUNK', generation: 1, state: 'QUEUED', jobClass: 'REST', priority: 'NORMAL' } as const),
    ...{ _id: newId('job'), rank: 0, seq: 0, cost: 10, attempt: 0, framesDone: 0, runs: [] },
    ...{ videoId: newId('video'), ...owner },
    ...change,
  };
  await db.model(Job).create(job);
  return job._id;
}

/** A chunk of 100 frames and 4 seconds. */
export const chunkTask = (chunkIndex: number, part: 'ALL' | 'LEAD' | 'REST' = 'ALL') => ({
  ...{ chunkIndex, part, trackNames: ['v240'], frames: 100, seconds: 4 },
});

/** Stores a worker that is alive for a minute, or as `change` says. Returns its id. */
export async function storeWorker(db: Database, change: Partial<Worker> = {}): Promise<string> {
  const worker = {
    ...{ _id: newId('worker'), host: 'here', pid: 7, startedAt: new Date() },
    ...{ aliveUntil: new Date(Date.now() + 60_000), slots: 2, busy: 1, minSlots: 1, maxSlots: 4 },
    ...change,
  };
  await db.model(Worker).create(worker);
  return worker._id;
}

/** Stores an open dead letter about a video, or as `change` says. Returns its id. */
export async function storeLetter(db: Database, change: Partial<DeadLetter> = {}): Promise<string> {
  const _id = newId('dead');
  await db.model(DeadLetter).create({
    ...{ _id, source: _id, state: 'OPEN', code: 'INTERNAL', message: 'Processing failed on our side.' },
    ...{ attempts: 5, origin: {}, isPublished: true, generation: 1, createdAt: new Date() },
    ...change,
  });
  return _id;
}
