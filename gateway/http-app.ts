import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import { addProblemHandler, sendProblem } from '../platform/problem.js';
import type { TrustProxy } from '../platform/trusted-proxies.js';
import { AppError } from '../schema/errors.js';
import type { Authenticator } from './auth/authenticator.js';
import { authorizeRequests, requireRoutePolicies } from './auth/request-caller.js';
import { limitAddresses, limitCallers } from './limits/limit-requests.js';
import type { RequestLimits } from './limits/request-limits.js';

/** A connection on which nothing moves for this long is closed, milliseconds. */
const IDLE_TIMEOUT_MS = 120_000;
/** Of everything but files. */
const MAX_BODY_BYTES = 256 * 1024;
const PREFLIGHT_MAX_AGE_SECONDS = 3_600;

/** What browsers let tus clients read of an answer. */
const tusHeaders = [
  ...['location', 'tus-resumable', 'tus-version', 'tus-extension', 'tus-max-size', 'tus-checksum-algorithm'],
  ...['upload-offset', 'upload-length', 'upload-defer-length', 'upload-metadata', 'upload-expires'],
  'upload-concat',
];

const requestIdPattern = /^[A-Za-z0-9._-]{8,64}$/;

/** An HTTP application that knows who sends its requests, numbers them, and answers errors as problems. */
export async function createHttpApp(deps: {
  log: FastifyBaseLogger;
  authenticator: Authenticator;
  limits: RequestLimits;
  trustProxy: TrustProxy;
  stopping: AbortSignal;
}): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => requestIdFrom(headers['x-request-id']),
    bodyLimit: MAX_BODY_BYTES,
    connectionTimeout: IDLE_TIMEOUT_MS,
    trustProxy: deps.trustProxy,
    // A path that cannot be decoded, or with parts that no id is as long as, leads nowhere; no hook sees it.
    frameworkErrors(_error, request, reply: FastifyReply) {
      reply.headers({ 'x-request-id': request.id, 'access-control-allow-origin': '*' });
      void sendProblem(request, reply, new AppError('NOT_FOUND'));
    },
  });
  addProblemHandler(app);
  requireRoutePolicies(app);
  // These two before anything that refuses a request: so that its sender can read and report the answer.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  // Nothing here is granted by cookie or address, so any page may ask with the key it was given.
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: ['x-request-id', 'retry-after', 'allow', ...tusHeaders],
    // Whoever asks without meaning to send anything across sites is told the same.
    strictPreflight: false,
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
  });
  limitAddresses(app, deps.limits);
  authorizeRequests(app, deps.authenticator);
  limitCallers(app, deps.limits);
  // Else a connection would stay open after its last answer, and the server wait for it.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (deps.stopping.aborted) reply.header('connection', 'close');
    done();
  });
  return app;
}

/** The sender's own id where it is a plain one, so that it can follow its request through our logs. */
export function requestIdFrom(header?: string | string[]): string {
  return typeof header === 'string' && requestIdPattern.test(header) ? header : randomUUID();
}
