import { Metadata, type Server } from '@tus/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { logFailure, retryAfter, toProblem } from '../../../platform/problem.js';
import { AppError } from '../../../schema/errors.js';
import { SessionKind, SessionState } from '../../../schema/upload-session.js';
import { originOf } from '../../auth/request-caller.js';
import { discardRest } from '../answered-early.js';
import { checksumAlgorithms, parseChecksum } from './checksum.js';
import type { TusCreation } from './tus-creation.js';
import { tusProblem } from './tus-problem.js';
import { runTusRequest, type TusRequest } from './tus-request.js';
import { tusExtensions } from './tus-store.js';
import { UPLOADS_PATH } from './upload-links.js';
import { headerOf, methodOf, toWebRequest } from './web-request.js';

export interface TusRouteDeps {
  server: Server;
  creation: TusCreation;
  maxBytes: number;
}

const TUS_VERSION = '1.0.0';

/** Resumable uploads: https://tus.io/protocols/resumable-upload, 1.0. */
export async function addTusRoutes(app: FastifyInstance, deps: TusRouteDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    // Bodies are not read here: they go to storage as they arrive.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    scope.addHook('onSend', (_request, reply, _payload, sent) => {
      reply.header('tus-resumable', TUS_VERSION);
      sent();
    });
    scope.addHook('onResponse', (request, _reply, responded) => {
      discardRest(request.raw);
      responded();
    });

    for (const url of [UPLOADS_PATH, `${UPLOADS_PATH}/:id`]) {
      // Also without an origin, by clients that ask what this server can.
      const config = { cors: { preflightContinue: true, strictPreflight: false } };
      scope.options(url, { config }, (_request, reply) => tellAbilities(reply, deps.maxBytes));
    }
    scope.post(UPLOADS_PATH, (request, reply) =>
      isJoining(request) ? join(request, reply, deps) : answer(request, reply, deps),
    );
    for (const method of ['HEAD', 'PATCH', 'DELETE'])
      scope.route({
        method,
        url: `${UPLOADS_PATH}/:id`,
        handler: (request, reply) => answer(request, reply, deps),
      });
    // For those who can send nothing else.
    scope.post(`${UPLOADS_PATH}/:id`, (request, reply) => {
      if (!overrides.has(methodOf(request))) throw new AppError('NOT_FOUND');
      return answer(request, reply, deps);
    });
    done();
  });
}

function tellAbilities(reply: FastifyReply, maxBytes: number) {
  return reply
    .code(204)
    .headers({
      'tus-version': TUS_VERSION,
      'tus-extension': tusExtensions.join(','),
      'tus-max-size': String(maxBytes),
      'tus-checksum-algorithm': checksumAlgorithms.join(','),
    })
    .send();
}

const overrides: ReadonlySet<string> = new Set(['HEAD', 'PATCH', 'DELETE']);

const isJoining = (request: FastifyRequest): boolean =>
  headerOf(request, 'upload-concat')?.startsWith('final;') ?? false;

/** One file of several that were sent at once; answered before it is made. */
async function join(request: FastifyRequest, reply: FastifyReply, { creation }: TusRouteDeps) {
  if (headerOf(request, 'tus-resumable') !== TUS_VERSION)
    return refuse(request, reply, { status: 412, text: 'Tus-Resumable Required' });
  const raw = headerOf(request, 'upload-metadata');
  const about = { concat: headerOf(request, 'upload-concat') ?? '', metadata: parseMetadata(raw), raw };
  const url = await creation.join(about, originOf(request));
  return reply.code(201).header('location', url).send();
}

function parseMetadata(raw: string | undefined): Record<string, string | null> {
  if (raw === undefined) return {};
  try {
    return Metadata.parse(raw);
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', { field: 'Upload-Metadata' }, { cause });
  }
}

async function answer(request: FastifyRequest, reply: FastifyReply, deps: TusRouteDeps) {
  const checksum = headerOf(request, 'upload-checksum');
  const about: TusRequest = {
    origin: originOf(request),
    checksum: checksum === undefined ? undefined : parseChecksum(checksum),
    metadata: headerOf(request, 'upload-metadata'),
    isPart: headerOf(request, 'upload-concat') === 'partial',
  };
  const { webRequest, release } = toWebRequest(request);
  const response = await runTusRequest(about, () => deps.server.handleWeb(webRequest)).finally(release);
  reply.headers(tusHeadersOf(response)).removeHeader('content-length');
  describeUpload(request, reply, about);
  if (about.error) {
    logFailure(request.log, about.error, about.error);
    reply.headers(retryAfter(about.error)).type('application/problem+json');
    return reply.code(response.status).send(toProblem(about.error, request.id));
  }
  const text = await response.text();
  if (response.status >= 400) return refuse(request, reply, { status: response.status, text });
  return reply.code(response.status).send(text === '' ? undefined : text);
}

/** Those of CORS are set for all routes in one place. */
const tusHeadersOf = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !name.startsWith('access-control-')));

function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, text }: { status: number; text: string },
) {
  reply.code(status).type('application/problem+json');
  return request.method === 'HEAD' ? reply.send() : reply.send(tusProblem(status, text, request.id));
}

/** What the tus server does not know of an upload. */
function describeUpload({ method }: FastifyRequest, reply: FastifyReply, { session }: TusRequest): void {
  if (!session || method !== 'HEAD') return;
  if (session.state === SessionState.OPEN) reply.header('upload-expires', session.expiresAt.toUTCString());
  if (session.kind === SessionKind.PART) reply.header('upload-concat', 'partial');
  if (session.kind !== SessionKind.JOINED) return;
  reply.header('upload-concat', 'final');
  if (session.state === SessionState.OPEN) reply.removeHeader('upload-offset');
}
