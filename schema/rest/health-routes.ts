import { z } from 'zod';
import { restRoute } from './rest-route.js';
import { text } from './wire-types.js';

const operations = {
  on: ['gateway', 'streamer'],
  methods: ['GET'],
  tag: 'Operations',
  access: 'public',
  isUnlimited: true,
} as const;

/** The processor has these three as well. */
export const healthRoute = restRoute({
  ...operations,
  path: '/healthz',
  summary: 'Whether the process lives',
  answer: { status: 200, description: 'It does.', body: z.object({ status: z.literal('ok') }) },
});

const readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  notReady: z.array(z.string()).meta({ description: 'What it waits for, by name.' }),
});

export const readinessRoute = restRoute({
  ...operations,
  path: '/readyz',
  summary: 'Whether the process can do its work',
  answer: { status: 200, description: 'Everything it needs answers.', body: readiness },
  otherAnswers: { 503: { description: 'Something it needs does not answer.', body: readiness } },
});

export const metricsRoute = restRoute({
  ...operations,
  path: '/metrics',
  summary: 'Metrics',
  answer: {
    status: 200,
    description: 'In the text format of Prometheus.',
    body: text,
    types: ['text/plain'],
  },
});
