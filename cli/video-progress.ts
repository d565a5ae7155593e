import { z } from 'zod';

/** The fields of VideoProgress that the command line shows. */
export const progressFields = `videoId generation sequence uploadStatus status stage playable percent playableSeconds
  workers speed etaSeconds queuePosition error { code message retryable }`;

export const videoProgressSchema = z.object({
  videoId: z.string(),
  generation: z.number(),
  sequence: z.number(),
  uploadStatus: z.string(),
  status: z.enum(['QUEUED', 'PROCESSING', 'READY', 'FAILED', 'STOPPED']),
  stage: z.string(),
  playable: z.boolean(),
  percent: z.number(),
  playableSeconds: z.number(),
  workers: z.number(),
  speed: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  queuePosition: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).nullable(),
});

export type VideoProgress = z.infer<typeof videoProgressSchema>;

/** Whether nothing more will come. */
export const isTerminal = ({ status }: VideoProgress): boolean =>
  status === 'READY' || status === 'FAILED' || status === 'STOPPED';
