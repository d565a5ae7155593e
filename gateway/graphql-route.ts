import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { type ApiKeyVerifier, credentialOf } from '../platform/api-keys.js';
import { fromFastify, logFailure } from '../platform/problem.js';
import { AppError, toAppError } from '../schema/errors.js';
import type { Caller } from './auth/caller.js';
import type { ContextFactory, GatewayContext } from './context.js';
import { publicError } from './graphql-error.js';
import { acceptMultipart } from './uploads/multipart.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler of the GraphQL route runs. */
    caller: Caller | null;
  }
}

export interface GraphqlRouteDeps {
  apollo: ApolloServer<GatewayContext>;
  contextOf: ContextFactory;
  verifier: ApiKeyVerifier;
  maxUploadBytes: number;
  path: string;
}

/** GraphQL over HTTP. Who has no valid key is refused before the body is read. */
export async function addGraphqlRoute(app: FastifyInstance, deps: GraphqlRouteDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.decorateRequest('caller', null);
    scope.addHook('onRequest', async (request) => {
      request.caller = await authenticate(request, deps.verifier);
    });
    acceptMultipart(scope, deps);
    answerErrorsAsGraphql(scope);
    scope.route({
      method: ['GET', 'POST'],
      url: deps.path,
      handler: fastifyApolloHandler(deps.apollo, {
        context: (request) => Promise.resolve(deps.contextOf(originOf(request))),
      }),
    });
    done();
  });
}

async function authenticate({ headers }: FastifyRequest, verifier: ApiKeyVerifier): Promise<Caller> {
  const credential = credentialOf(headers);
  const caller = credential === undefined ? undefined : await verifier.verify(credential).catch(unavailable);
  if (!caller) throw new AppError('UNAUTHENTICATED');
  return caller;
}

function unavailable(error: unknown): never {
  throw toAppError(error, 'UNAVAILABLE');
}

function originOf({ caller, id, log }: FastifyRequest) {
  if (!caller) throw new AppError('UNAUTHENTICATED');
  return { caller, requestId: id, log };
}

/** What goes wrong before GraphQL takes over is told in GraphQL's form too. */
function answerErrorsAsGraphql(scope: FastifyInstance): void {
  scope.setErrorHandler((error: FastifyError | AppError, request, reply) => {
    const known = fromFastify(error);
    logFailure(request.log, known, error);
    const told = publicError(new GraphQLError(known.message, { originalError: known }), request.id);
    return reply.code(known.status).send({ errors: [told] });
  });
}
