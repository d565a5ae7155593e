import { z } from 'zod';
import { restRoute } from './rest-route.js';
import { bytes, projectParams, videoParams, videoStatus } from './wire-types.js';

export const filmTitle = z.string().min(1).max(255).meta({
  description: 'The name of the file without its extension where absent.',
});

/** A video that work has begun on, and where to go from here. */
const acceptedVideo = {
  videoId: z.string(),
  status: videoStatus,
  links: z.object({
    self: z.url().meta({ description: 'Its public facts, once it can be played.' }),
    reprocess: z.url(),
    progress: z.url().meta({ description: 'GraphQL over a WebSocket: `subscription { videoProgress }`.' }),
  }),
};

const uploaded = z.object(acceptedVideo).meta({ id: 'UploadedVideo' });
export type AcceptedVideo = z.output<typeof uploaded>;

const importRequest = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .meta({ description: 'Of the film: `http` or `https`.' }),
    title: filmTitle.nullish(),
  })
  .meta({ id: 'ImportRequest' });
export type ImportRequest = z.output<typeof importRequest>;

const idempotencyKey = z
  .string()
  .regex(/^("[ -~]{1,255}"|[!#-~][ -~]{0,254})$/)
  .optional()
  .meta({
    description:
      'The same key in the same project answers with the video that it has made, for 24 hours; the body is not ' +
      'read again. 1–255 characters, in quotes or without.',
  });

export const uploadRoute = restRoute({
  ...{ on: ['gateway'], methods: ['POST'], tag: 'Videos', access: 'video:write' },
  path: '/:projectID/upload',
  summary: 'Upload a film, or have it imported',
  description:
    'As a form with one `file`, which is streamed into storage: it answers when the film is stored and queued. Or as ' +
    'JSON with the `url` of a film, which is read from there later.',
  params: projectParams,
  headers: z.object({ 'Idempotency-Key': idempotencyKey }),
  body: {
    json: importRequest,
    others: { 'multipart/form-data': z.object({ file: bytes, title: filmTitle.optional() }) },
  },
  answer: {
    status: 201,
    description: 'The film is stored and queued, or its import is.',
    body: uploaded,
    headers: { Location: 'As `links.self`.' },
  },
  errors: [
    'NOT_FOUND',
    'QUOTA_EXCEEDED',
    'UPLOAD_ABORTED',
    'UNSUPPORTED_MEDIA',
    'CONFLICT',
    'SOURCE_FORBIDDEN',
  ],
});

export const reprocessRoute = restRoute({
  ...{ on: ['gateway'], methods: ['POST'], tag: 'Videos', access: 'video:write' },
  path: '/reprocess/:projectID/:videoID',
  summary: 'Process a video anew',
  description: 'A new generation from the stored source; the old one plays until the new one is READY.',
  params: projectParams.extend(videoParams.shape),
  answer: {
    status: 202,
    description: 'The new generation is queued.',
    body: z.object({ ...acceptedVideo, generation: z.int().positive() }).meta({ id: 'ReprocessedVideo' }),
  },
  errors: ['NOT_FOUND', 'CONFLICT', 'QUOTA_EXCEEDED'],
});
