import { z } from 'zod';
import type { DeadLetter } from './dead-letter.js';
import { ProcessingStage, UploadStatus, VideoStatus } from './enums.js';
import { type Revocation, revocation } from './revocation.js';
import type { VideoProgress } from './video-progress.js';

/** Kafka topics; created by their first consumer, never by a stray message. */
export const topics = {
  /** Key: job id. A hint that a job is due. */
  processing: 'video-processing-a',
  /** Key: video id. Self-contained progress accounts. */
  progress: 'video-progress',
  /** Key: video id. Work on a generation must end now. */
  control: 'video-control',
  /** Key: video id, or the key of a message that could not be understood. */
  deadLetters: 'video-processing-a.dlq',
  /** Key: what is revoked. What may not be played any more; streamers read all of it. */
  revocations: 'playback-revocations',
} as const;

/** Topics of which Kafka keeps the last message of each key for good, in one partition. */
export const compactedTopics: readonly string[] = [topics.revocations];

/** The consumer group of all processors. */
export const processorGroup = 'stream-plus-processors';

const dispatchHint = z.object({ v: z.literal(1), jobId: z.string().max(100) });
export type DispatchHint = z.infer<typeof dispatchHint>;

const stopRequest = z.object({ v: z.literal(1), videoId: z.string().max(100), generation: z.int() });
/** A generation that has ended while work on it may still go on. */
export type StopRequest = z.infer<typeof stopRequest>;

const revocationMessage = z.object({ v: z.literal(1), what: revocation });

const progressMessage = z.object({
  v: z.literal(1),
  projectId: z.string(),
  event: z.object({
    videoId: z.string(),
    generation: z.int(),
    sequence: z.int(),
    uploadStatus: z.enum(UploadStatus),
    status: z.enum(VideoStatus),
    stage: z.enum(ProcessingStage),
    playable: z.boolean(),
    percent: z.number().min(0).max(100),
    playableSeconds: z.number().min(0),
    renditions: z.array(z.object({ name: z.string(), percent: z.number() })).max(100),
    workers: z.int().min(0),
    speed: z.number().nullable(),
    etaSeconds: z.int().nullable(),
    queuePosition: z.int().nullable(),
    receivedBytes: z.int().min(0).nullish(),
    totalBytes: z.int().min(0).nullish(),
    error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).nullable(),
    at: z.coerce.date(),
  }),
});

/** A progress account with what a gateway needs to route it. */
export interface ProgressMessage {
  v: 1;
  projectId: string;
  event: VideoProgress;
}

/** Text of a hint that this job is due. */
export const encodeDispatchHint = (jobId: string): string =>
  JSON.stringify({ v: 1, jobId } satisfies DispatchHint);

/** Text of the message that something may not be played any more. */
export const encodeRevocation = (what: Revocation): string => JSON.stringify({ v: 1, what });

/** Text of the message that ends all work on a generation. */
export const encodeStopRequest = (videoId: string, generation: number): string =>
  JSON.stringify({ v: 1, videoId, generation } satisfies StopRequest);

/** Text of a dead letter: complete in itself, for whoever reads the topic. */
export function encodeDeadLetter(letter: DeadLetter): string {
  const {
    _id: id,
    videoId,
    generation,
    code,
    message,
    detail,
    attempts,
    origin,
    payload,
    createdAt,
  } = letter;
  const failure = { code, message, detail, attempts };
  return JSON.stringify({ v: 1, id, videoId, generation, ...failure, origin, payload, createdAt });
}

/** Text of a progress message. */
export const encodeProgress = (projectId: string, event: VideoProgress): string =>
  JSON.stringify({ v: 1, projectId, event } satisfies ProgressMessage);

/** What a message says, or undefined where it is not one that this version understands. */
function decode<T>(codec: z.ZodType<T>, value: Buffer | null): T | undefined {
  if (value === null) return undefined;
  try {
    return codec.safeParse(JSON.parse(value.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

export const decodeDispatchHint = (value: Buffer | null): DispatchHint | undefined =>
  decode(dispatchHint, value);

export const decodeStopRequest = (value: Buffer | null): StopRequest | undefined =>
  decode(stopRequest, value);

export const decodeProgress = (value: Buffer | null): ProgressMessage | undefined =>
  decode(progressMessage, value);

export const decodeRevocation = (value: Buffer | null): Revocation | undefined =>
  decode(revocationMessage, value)?.what;
