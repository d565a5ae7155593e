import type { Registry } from 'prom-client';
import { createRemovalSweep } from '../platform/blob-removals.js';
import type { BlobContainer } from '../platform/blob.js';
import { listenToAll } from '../platform/broadcast.js';
import { createCaptionsJobs } from '../platform/captions/captions-jobs.js';
import { createDeadLetters, type DeadLetters } from '../platform/dead-letters.js';
import { createGenerations } from '../platform/generations.js';
import { createJobQueue, type JobQueue } from '../platform/job-queue.js';
import type { Broker } from '../platform/kafka/broker.js';
import type { Publisher } from '../platform/kafka/publisher.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logger.js';
import { handleMessages } from '../platform/message-handler.js';
import type { Database } from '../platform/mongo.js';
import { createWorkForecast } from '../platform/queued-work.js';
import { repeat } from '../platform/repeat.js';
import { runSweeps } from '../platform/sweeps.js';
import { createSpeedStore, type SpeedStore } from '../platform/work-speed.js';
import { newId } from '../schema/ids.js';
import type { Job, JobLane } from '../schema/job.js';
import { decodeDispatchHint, decodeStopRequest, processorGroup, topics } from '../schema/messages.js';
import type { ProcessorConfig } from './config.js';
import { chunkLimits, planOptions } from './job-options.js';
import { createProcessorMetrics, type ProcessorMetrics } from './metrics.js';
import { createImportMetrics, type ImportMetrics } from './import/import-metrics.js';
import { createImports } from './import/import-services.js';
import type { EncodingPower } from './plan/chunk-policy.js';
import { createEncodingPower, expectedSpeed } from './plan/encoding-power.js';
import { createPlanVideo } from './plan/plan-video.js';
import { createJobStore, type JobStore } from './pool/job-store.js';
import { createPool } from './pool/pool.js';
import { createQuarantine } from './pool/quarantine.js';
import { createJobRunner, type JobRunner } from './pool/run-job.js';
import { createSteering } from './pool/steering.js';
import { createSweeper } from './pool/sweeper.js';
import { createWorkerRegistry } from './pool/worker-registry.js';
import { createVideoTracker } from './progress/video-tracker.js';
import { createCaptionFiles } from './publish/caption-files.js';
import { createCaptionsState } from './publish/captions-state.js';
import { createChunkResultStore } from './publish/chunk-result-store.js';
import { createFinishVideo } from './publish/finish-video.js';
import { createPlaylistStore } from './publish/playlist-store.js';
import { createPublishCaptions } from './publish/publish-captions.js';
import { createPlaylistPublisher } from './publish/publish-playlists.js';
import { createSuccession } from './publish/succession.js';
import type { SourceServer } from './source/source-server.js';
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
  sources: SourceServer;
  uploads: BlobContainer;
  hls: BlobContainer;
  ffmpeg: Ffmpeg;
  /** For what is being encoded. */
  workFolder: string;
}

const POLL_MS = 1_000;
const SWEEP_MS = 1_000;

/** Starts a processor: its slots, what steers them, poll and sweep. It runs until the lifecycle closes. */
export function startProcessor(deps: ProcessorDeps): void {
  const { config, db, lifecycle } = deps;
  const workerId = newId('worker');
  const log = deps.log.child({ workerId });
  const store = createJobStore({ db, leaseSeconds: config.LEASE_SECONDS });
  const registry = createWorkerRegistry({ db, workerId, leaseSeconds: config.LEASE_SECONDS });
  const queue = createJobQueue(deps);
  const deadLetters = createDeadLetters(deps);
  const speed = createSpeedStore({ db });
  const forecast = createWorkForecast({ db, speed });
  const metrics = createProcessorMetrics(deps.metrics, {
    queueDepth: () => store.depth(),
    queueWorkSeconds: async () => (await forecast.queued()).seconds,
    slots: () => pool.slots(),
    busySlots: () => pool.busy(),
  });
  const power = createEncodingPower({ config, speed, registry, ownSlots: () => pool.target() });
  const importMetrics = createImportMetrics(deps.metrics, { running: () => imports.busy() });
  const dispatch = { store, queue, speed, power, metrics, importMetrics, deadLetters };
  const runner = createRunner({ ...deps, log }, dispatch);

  const quarantine = createQuarantine({ claim: (options) => store.claim(workerId, options) });
  const readHints = handleMessages({ deadLetters, log }, decodeDispatchHint, () => undefined);
  const slotsOf = (lane: JobLane) => ({
    log,
    claim: async () => (steering.mayClaim() ? quarantine.claim(lane) : undefined),
    work: (job: Job) => runner.run(job).finally(() => quarantine.release(job)),
  });
  const imports = createPool({ ...slotsOf('IMPORT'), size: config.IMPORTS_MAX, openConsumer: noConsumer });
  const pool = createPool({
    ...slotsOf('PROCESS'),
    size: Math.min(config.CONSUMERS_MIN, config.CONSUMERS_MAX),
    openConsumer: (onHint) =>
      deps.broker.consume({
        topic: topics.processing,
        groupId: processorGroup,
        fromBeginning: false,
        // Whatever they say, and however many: there may be work, and a slot that finds some wakes the next.
        onMessages: (messages) => {
          onHint();
          imports.wake();
          return readHints(messages);
        },
      }),
  });
  const steering = createSteering({ config, registry, forecast, pool, log });
  lifecycle.onClose('worker registry', () => registry.leave());
  const control = listenToAll(deps, {
    topic: topics.control,
    groupPrefix: 'stream-plus-processor',
    onMessages: handleMessages({ deadLetters, log }, decodeStopRequest, (request) => runner.stop(request)),
  });
  lifecycle.onClose('control messages', () => control.close());
  lifecycle.onClose('pool', () => Promise.all([pool.close(), imports.close()]));
  pool.start();
  imports.start();

  const sweep = createSweeper({
    ...{ store, queue, deadLetters, log },
    slots: () => Math.max(1, pool.slots()),
    recover: (job) => runner.recover(job),
  });
  const poll = (): Promise<void> => {
    pool.wake();
    imports.wake();
    return Promise.resolve();
  };
  const always = { signal: lifecycle.signal, log };
  void repeat({ ...always, name: 'poll', intervalMs: POLL_MS, task: poll });
  void repeat({ ...always, name: 'sweep', intervalMs: SWEEP_MS, task: sweep });
  const { hls, uploads } = deps;
  const removals = createRemovalSweep({ db, containers: { hls, uploads }, log });
  void runSweeps({ ...always, registry: deps.metrics }, [
    { name: 'removals', intervalMs: SWEEP_MS, task: removals },
  ]);
  for (const task of steering.tasks) void repeat({ ...always, ...task });
}

/** Imports are woken by the hints that the other slots get. */
const noConsumer = () => Promise.resolve({ close: () => Promise.resolve() });

interface Dispatch {
  store: JobStore;
  queue: JobQueue;
  speed: SpeedStore;
  power: () => Promise<EncodingPower>;
  metrics: ProcessorMetrics;
  importMetrics: ImportMetrics;
  deadLetters: DeadLetters;
}

function createRunner(deps: ProcessorDeps, dispatch: Dispatch): JobRunner {
  const { config, db, lifecycle, log } = deps;
  const { metrics, importMetrics, speed, power, ...core } = {
    ...dispatch,
    db,
    tracker: createVideoTracker(deps),
  };
  const results = createChunkResultStore({ db });
  const playlists = createPlaylistStore({ container: deps.hls });
  const publisher = createPlaylistPublisher({ results, playlists, tracker: core.tracker });
  const succeed = createSuccession({ db, graceSeconds: config.REPLACED_GRACE_SECONDS });
  const captions = {
    state: createCaptionsState({ db, jobs: createCaptionsJobs({ db, queue: core.queue }) }),
    files: createCaptionFiles(deps),
  };
  return createJobRunner({
    ...{ ...core, log, generations: createGenerations({ ...deps, queue: core.queue }) },
    handlers: {
      IMPORT: createImports({ ...deps, ...core, metrics: importMetrics }),
      PLAN: createPlanVideo({
        ...{ ...deps, ...core },
        ...{ options: planOptions(config), power },
      }),
      CHUNK: createTranscodeChunk({
        ...{ ...deps, ...core, publisher, metrics, speed, limits: chunkLimits(config) },
        expectedSpeed: expectedSpeed(config),
      }),
      FINISH: createFinishVideo({ ...deps, ...core, results, publisher, succeed, captions }),
      CAPTIONS: createPublishCaptions({ ...core, ...captions, results, publisher }),
    },
    failures: { CAPTIONS: (job, session) => captions.state.failed(job, session) },
    leaseSeconds: config.LEASE_SECONDS,
    maxFailures: config.MAX_ATTEMPTS,
    stopping: lifecycle.signal,
    counter: metrics.jobs,
  });
}
