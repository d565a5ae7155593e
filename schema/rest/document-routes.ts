import { z } from 'zod';
import { restRoute } from './rest-route.js';
import { bytes, text } from './wire-types.js';

const documents = { on: ['gateway'], methods: ['GET'], tag: 'This document', access: 'public' } as const;

export const openApiRoute = restRoute({
  ...documents,
  path: '/openapi.json',
  summary: 'This document',
  answer: { status: 200, description: 'OpenAPI 3.1.', body: z.looseObject({ openapi: z.string() }) },
});

export const docsPageRoute = restRoute({
  ...documents,
  path: '/docs',
  summary: 'A page that shows this document',
  answer: { status: 200, description: 'For people.', body: text, types: ['text/html'] },
});

export const docsFileRoute = restRoute({
  ...documents,
  path: '/docs/:file',
  summary: 'A part of that page',
  params: z.object({ file: z.string().meta({ description: 'Its name.', examples: ['page.js'] }) }),
  answer: { status: 200, description: 'The file.', body: bytes, types: ['text/javascript', 'text/css'] },
  errors: ['NOT_FOUND'],
});
