import type { BlobContainer } from '../platform/blob.js';
import { createJobQueue } from '../platform/job-queue.js';
import type { Broker, Publisher } from '../platform/kafka.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logger.js';
import type { Database } from '../platform/mongo.js';
import type { Registry } from 'prom-client';
import { newId } from '../schema/ids.js';
import { processorGroup, topics } from '../schema/messages.js';
import type { ProcessorConfig } from './config.js';
import { createProcessorMetrics } from './metrics.js';
import { createPlanVideo } from './plan/plan-video.js';
import { createJobStore } from './pool/job-store.js';
import { createPool, type Pool } from './pool/pool.js';
import { repeat } from './pool/repeat.js';
import { createJobRunner } from './pool/run-job.js';
import { createSweeper } from './pool/sweeper.js';
import { createWorkerRegistry } from './pool/worker-registry.js';
import { createVideoTracker } from './progress/video-tracker.js';
import { createFinishVideo } from './publish/finish-video.js';
import { createPlaylistStore } from './publish/playlist-store.js';
import { createPlaylistPublisher } from './publish/publish-playlists.js';
import type { Ffmpeg } from './transcode/ffmpeg.js';
import { createTranscodeChunk } from './transcode/transcode-chunk.js';

export interface ProcessorDeps {
  config: ProcessorConfig;
  log: Logger;
  lifecycle: Lifecycle;
  metrics: Registry;
  db: Database;
  broker: Broker;
  publisher: Publisher;
  uploads: BlobContainer;
  hls: BlobContainer;
  ffmpeg: Ffmpeg;
  /** For what is being encoded. */
  workFolder: string;
}

const POLL_MS = 1_000;
const SWEEP_MS = 1_000;

/** Starts a processor: its slots, poll and sweep. It runs until the lifecycle closes. */
export async function startProcessor(deps: ProcessorDeps): Promise<Pool> {
  const { config, db, lifecycle } = deps;
  const workerId = newId('worker');
  const log = deps.log.child({ workerId });
  const store = createJobStore({ db, leaseSeconds: config.LEASE_SECONDS });
  const runner = createRunner({ ...deps, log }, store, () => pool.busy());

  const pool = createPool({
    size: config.CONSUMERS_MAX,
    log,
    claim: () => store.claim(workerId),
    work: (job) => runner.run(job),
    openConsumer: (onHint) =>
      deps.broker.consume({
        topic: topics.processing,
        groupId: processorGroup,
        fromBeginning: false,
        onMessages: onHint,
      }),
  });
  const registry = createWorkerRegistry({ db, workerId, leaseSeconds: config.LEASE_SECONDS });
  lifecycle.onClose('worker registry', () => registry.leave());
  lifecycle.onClose('pool', () => pool.close());
  await pool.start();

  const sweep = createSweeper({
    store,
    queue: createJobQueue(deps),
    log,
    slots: config.CONSUMERS_MAX,
    onLost: (job) => runner.lost(job),
  });
  const always = { signal: lifecycle.signal, log };
  void repeat({ ...always, name: 'poll', intervalMs: POLL_MS, task: () => Promise.resolve(pool.wake()) });
  void repeat({ ...always, name: 'sweep', intervalMs: SWEEP_MS, task: sweep });
  void repeat({
    ...always,
    name: 'worker report',
    intervalMs: (config.LEASE_SECONDS * 1_000) / 3,
    task: () => registry.report({ slots: pool.slots, busy: pool.busy() }),
  });
  return pool;
}

function createRunner(
  deps: ProcessorDeps,
  store: ReturnType<typeof createJobStore>,
  busySlots: () => number,
) {
  const { config, db, lifecycle, log, ffmpeg, uploads, hls, workFolder } = deps;
  const queue = createJobQueue(deps);
  const tracker = createVideoTracker(deps);
  const metrics = createProcessorMetrics(deps.metrics, { queueDepth: () => store.depth(), busySlots });
  const playlists = createPlaylistStore({ container: hls });
  const publisher = createPlaylistPublisher({ db, playlists, tracker });
  const shared = { db, store, queue, tracker, uploads, hls, ffmpeg, workFolder, playlists };
  return createJobRunner({
    ...{ db, store, queue, tracker, log },
    handlers: {
      PLAN: createPlanVideo({ ...shared, config }),
      CHUNK: createTranscodeChunk({ ...shared, publisher, metrics }),
      FINISH: createFinishVideo(shared),
    },
    leaseSeconds: config.LEASE_SECONDS,
    maxFailures: config.MAX_ATTEMPTS,
    stopping: lifecycle.signal,
    counter: metrics.jobs,
  });
}
