import { z } from 'zod';
import { restRoute } from './rest-route.js';
import { bytes } from './wire-types.js';

const tus = { on: ['gateway'], tag: 'Resumable uploads' } as const;
const PIECE_TYPE = 'application/offset+octet-stream';

const tusHeaders = z.object({
  'Tus-Resumable': z.literal('1.0.0').optional().meta({ description: 'Every request has to have it.' }),
});
const params = z.object({
  id: z
    .string()
    .meta({ description: 'Whoever knows it may go on with the upload; no credential is asked for.' }),
});
const otherAnswers = { 412: { description: '`Tus-Resumable` is missing.' } };
const offset = { 'Upload-Offset': 'How much of the file is stored, bytes.' };
const upload = {
  ...tus,
  path: '/files/:id',
  access: 'public',
  params,
  headers: tusHeaders,
  otherAnswers,
} as const;
const upheld = ['NOT_FOUND', 'UPLOAD_ENDED', 'UNAVAILABLE'] as const;
const written = [
  ...upheld,
  ...([
    'CONFLICT',
    'CHECKSUM_MISMATCH',
    'FORBIDDEN',
    'UNSUPPORTED_MEDIA',
    'QUOTA_EXCEEDED',
    'UPLOAD_ABORTED',
  ] as const),
];

export const beginUploadRoute = restRoute({
  ...{ ...tus, methods: ['POST'], path: '/files', access: 'video:write', headers: tusHeaders, otherAnswers },
  summary: 'Begin a resumable upload (tus 1.0)',
  description:
    'With `Upload-Length` or `Upload-Defer-Length`, and `Upload-Metadata` with `projectId`, `title`, `filename` and ' +
    '`idempotencyKey`; the first bytes may come with it. See https://tus.io/protocols/resumable-upload.',
  body: { others: { [PIECE_TYPE]: bytes }, isOptional: true },
  answer: { status: 201, description: 'It has begun.', headers: { Location: 'Where to go on with it.' } },
  errors: [...written],
});

export const readUploadRoute = restRoute({
  ...{ ...upload, methods: ['HEAD'] },
  summary: 'How much of an upload is stored',
  answer: { status: 200, description: 'Where to go on.', headers: offset },
  errors: upheld,
});

export const writeUploadRoute = restRoute({
  ...{ ...upload, methods: ['PATCH'] },
  summary: 'Go on with an upload',
  description:
    'From `Upload-Offset` on, with as many bytes as one likes; `Upload-Checksum` where they are to be checked.',
  body: { others: { [PIECE_TYPE]: bytes } },
  answer: { status: 204, description: 'All of it is stored.', headers: offset },
  errors: written,
});

export const endUploadRoute = restRoute({
  ...{ ...upload, methods: ['DELETE'] },
  summary: 'Give an upload up',
  answer: { status: 204, description: 'Nothing of it is left.' },
  errors: upheld,
});

export const overrideUploadRoute = restRoute({
  ...{ ...upload, methods: ['POST'] },
  summary: 'HEAD, PATCH or DELETE, for those who can only send POST',
  description: 'What is meant is said by `X-HTTP-Method-Override`.',
  body: { others: { [PIECE_TYPE]: bytes }, isOptional: true },
  answer: { status: 204, description: 'As the method that is meant.', headers: offset },
  otherAnswers: { ...otherAnswers, 200: { description: 'As HEAD.', headers: offset } },
  errors: written,
});
