import { pino } from 'pino';
import { connectMongo } from '../platform/mongo.js';
import { Job, JobKind } from '../schema/job.js';
import { film } from './films.js';
import { startBenchPlatform } from './platform.js';
import type { Figure } from './report.js';

const FILM_MINUTES = 3;

/**
 * Whether one film spreads over machines: with two processors, how many of its chunk jobs the busier one
 * did, and how many jobs ran more than once, from the log of the jobs.
 */
export async function measureSpreading(folder: string): Promise<Figure[]> {
  const platform = await startBenchPlatform({ processors: [{ CONSUMERS_MAX: '1' }, { CONSUMERS_MAX: '1' }] });
  try {
    await platform.upload({ file: await film(folder, FILM_MINUTES), exitOn: 'ready' });
    const url = platform.stack.env['MONGO_URL'] ?? '';
    const db = await connectMongo({ url, log: pino({ level: 'silent' }) });
    const jobs = await db.model(Job).find({ kind: JobKind.CHUNK }).lean();
    await db.close();
    const byWorker = new Map<string, number>();
    for (const { workerId } of jobs.flatMap(({ runs }) => runs)) {
      byWorker.set(workerId, (byWorker.get(workerId) ?? 0) + 1);
    }
    const busiest = Math.max(...byWorker.values());
    const repeated = jobs.filter(({ runs }) => runs.length !== 1).length;
    return [
      {
        name: 'share of chunk jobs on the busier of two processors',
        value: busiest / jobs.length,
        unit: '',
        atMost: 0.6,
      },
      { name: 'chunk jobs that ran more than once', value: repeated, unit: '', atMost: 0 },
    ];
  } finally {
    await platform.stop();
  }
}
