import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { count, parseConfig, port, sharedSettings } from '../platform/config.js';
import { DEFAULT_MAX_HEIGHT, ladder } from '../schema/ladder.js';

const { HOST, LOG_LEVEL, KAFKA_BROKERS, KAFKA_PARTITIONS, MONGO_URL, AZURE_STORAGE_CONNECTION_STRING } =
  sharedSettings;
const { BLOB_CONTAINER_UPLOADS, BLOB_CONTAINER_HLS } = sharedSettings;
const tallestRung = ladder[0]?.height ?? DEFAULT_MAX_HEIGHT;

const variables = z.object({
  HOST,
  LOG_LEVEL,
  KAFKA_BROKERS,
  MONGO_URL,
  AZURE_STORAGE_CONNECTION_STRING,
  BLOB_CONTAINER_UPLOADS,
  BLOB_CONTAINER_HLS,
  PROCESSOR_PORT: port(4002),
  KAFKA_PARTITIONS,
  /** Cores this process may use: what the planner predicts speeds from. */
  PROCESSOR_CORES: count(availableParallelism(), 1_024),
  CONSUMERS_MIN: count(1, 64),
  /** One FFmpeg of four renditions keeps about two cores busy. */
  CONSUMERS_MAX: count(Math.max(1, Math.floor(availableParallelism() / 2)), 64),
  /** A slot goes when one fewer has been enough for this long. */
  CONSUMERS_COOLDOWN_SECONDS: count(30, 3_600),
  /** Share of the machine's CPU in use above which no slot is added; 1 adds them whatever is in use. */
  CONSUMERS_MAX_LOAD: z.coerce.number().positive().max(1).default(0.85),
  LEASE_SECONDS: count(15, 3_600),
  MAX_ATTEMPTS: count(5, 100),
  CHUNK_SECONDS: count(24, 600),
  SEGMENT_SECONDS: count(4, 30),
  MAX_RENDITION_HEIGHT: count(DEFAULT_MAX_HEIGHT, tallestRung),
  /** How long a generation can still be played once another one has replaced it. */
  REPLACED_GRACE_SECONDS: count(3_600, 30 * 86_400),
  MAX_SOURCE_PIXELS: count(8192 * 4320),
  MAX_SOURCE_STREAMS: count(64, 1_000),
  MAX_SOURCE_SECONDS: count(24 * 3_600),
  /** One FFmpeg without progress, one in all, and its memory. */
  FFMPEG_STALL_SECONDS: count(120, 3_600),
  FFMPEG_MAX_SECONDS: count(1_800, 24 * 3_600),
  FFMPEG_MAX_MEMORY_BYTES: count(4 * 1024 ** 3),
  DATA_DIR: z.string().default('.data'),
  FFMPEG_PATH: z.string().default('ffmpeg'),
  FFPROBE_PATH: z.string().default('ffprobe'),
});

const settings = variables.check(({ value, issues }) => {
  const { CONSUMERS_MIN: input, CONSUMERS_MAX: most } = value;
  if (input <= most) return;
  issues.push({
    ...{ code: 'custom', input, path: ['CONSUMERS_MIN'] },
    message: `must be at most CONSUMERS_MAX, which is ${most}`,
  });
});

export type ProcessorConfig = z.infer<typeof settings>;

/** @throws Error naming each bad variable. */
export const processorConfig = (env: NodeJS.ProcessEnv): ProcessorConfig => parseConfig(settings, env);
