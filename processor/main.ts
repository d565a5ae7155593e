import 'reflect-metadata';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { connectBlobContainer } from '../platform/blob.js';
import { createBlobReader } from '../platform/blob-reader.js';
import { createReadUrls } from '../platform/read-urls.js';
import { addHealthRoutes } from '../platform/health.js';
import { createBroker } from '../platform/kafka/broker.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logger.js';
import { createMetrics } from '../platform/metrics.js';
import { connectMongo } from '../platform/mongo.js';
import { addProblemHandler } from '../platform/problem.js';
import { runService } from '../platform/run-service.js';
import { BlobRemoval } from '../schema/blob-removal.js';
import { DeadLetter } from '../schema/dead-letter.js';
import { DispatchClock, Flow } from '../schema/dispatch-state.js';
import { Job } from '../schema/job.js';
import { UploadEntry } from '../schema/upload-entry.js';
import { Video } from '../schema/video.js';
import { Worker } from '../schema/worker.js';
import { startProcessor } from './app.js';
import { processorConfig, type ProcessorConfig } from './config.js';
import { startSourceServer } from './source/source-server.js';
import { checkFfmpeg } from './transcode/check-ffmpeg.js';
import { createFfmpeg } from './transcode/ffmpeg.js';
import { findLeash } from './transcode/leash.js';
import { openWorkFolder, workFolderOf } from './work-folder.js';

async function start(config: ProcessorConfig, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const paths = { ffmpegPath: config.FFMPEG_PATH, ffprobePath: config.FFPROBE_PATH };
  await checkFfmpeg(paths);
  const workFolder = workFolderOf(config.DATA_DIR);
  // First, so that a signal that comes meanwhile leaves nothing either.
  lifecycle.onClose('work folder', () => rm(workFolder, { recursive: true, force: true }));
  await openWorkFolder(workFolder, lifecycle.signal);
  const metrics = createMetrics('processor');
  const db = await connectMongo({ url: config.MONGO_URL, log });
  lifecycle.onClose('mongo', () => db.close());
  const work = [Video, Job, Worker, Flow, DispatchClock, DeadLetter, BlobRemoval, UploadEntry];
  await db.ensureIndexes(work);

  const connectionString = config.AZURE_STORAGE_CONNECTION_STRING;
  const uploads = connectBlobContainer({ connectionString, container: config.BLOB_CONTAINER_UPLOADS });
  const hls = connectBlobContainer({ connectionString, container: config.BLOB_CONTAINER_HLS });
  await Promise.all([uploads.ensure(), hls.ensure()]);
  const readUrls = createReadUrls({ connectionString, container: config.BLOB_CONTAINER_UPLOADS });
  const reader = createBlobReader({ readUrls });
  lifecycle.onClose('source reader', () => reader.close());
  const sources = await startSourceServer({ reader, log });
  lifecycle.onClose('source server', () => sources.close());

  const broker = createBroker({
    brokers: config.KAFKA_BROKERS,
    partitions: config.KAFKA_PARTITIONS,
    // The members of the group are told apart by it.
    clientId: `stream-plus-processor-${hostname()}-${process.pid}`,
    log,
  });
  const publisher = broker.publisher();
  lifecycle.onClose('kafka producer', () => publisher.close());

  const ffmpeg = createFfmpeg({
    ...paths,
    leash: await findLeash(lifecycle.signal),
    niceness: 0,
    maxMemoryBytes: config.FFMPEG_MAX_MEMORY_BYTES,
    limits: { maxPixels: config.MAX_SOURCE_PIXELS, maxStreams: config.MAX_SOURCE_STREAMS },
  });
  const storage = { db, hls, uploads, sources, workFolder };
  startProcessor({ config, log, lifecycle, metrics, broker, publisher, ffmpeg, ...storage });

  const httpLog: FastifyBaseLogger = log;
  const app = Fastify({
    loggerInstance: httpLog,
    logController: new LogController({ disableRequestLogging: true }),
  });
  addProblemHandler(app);
  const checks = {
    mongo: () => db.isReady(),
    kafka: () => broker.isReady(),
    blob: () => hls.isReady(),
  };
  addHealthRoutes(app, { checks, metrics, stopping: lifecycle.signal });
  lifecycle.onClose('http', () => app.close());
  await app.listen({ host: config.HOST, port: config.PROCESSOR_PORT });
}

await runService('processor', () => processorConfig(process.env), start);
