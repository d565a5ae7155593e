import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyError, FastifyInstance } from 'fastify';
import { GraphQLError } from 'graphql';
import { fromFastify, logFailure, retryAfter } from '../platform/problem.js';
import { AppError } from '../schema/errors.js';
import { originOf } from './auth/request-caller.js';
import type { ContextFactory, GatewayContext } from './context.js';
import { publicError } from './graphql-error.js';
import { acceptMultipart } from './uploads/multipart.js';

export interface GraphqlRouteDeps {
  apollo: ApolloServer<GatewayContext>;
  contextOf: ContextFactory;
  maxUploadBytes: number;
  path: string;
}

/** GraphQL over HTTP. */
export async function addGraphqlRoute(app: FastifyInstance, deps: GraphqlRouteDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    refuseBadHosts(scope);
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

/** Apollo's integration makes a URL of it. */
function refuseBadHosts(scope: FastifyInstance): void {
  scope.addHook('onRequest', ({ hostname }, _reply, done) => {
    const bad = new AppError('BAD_USER_INPUT', { field: 'Host', message: 'The host is not one.' });
    done(URL.canParse(`http://${hostname}/`) ? undefined : bad);
  });
}

/** What goes wrong before GraphQL takes over is told in GraphQL's form too. */
function answerErrorsAsGraphql(scope: FastifyInstance): void {
  scope.setErrorHandler((error: FastifyError | AppError, request, reply) => {
    const known = fromFastify(error);
    logFailure(request.log, known, error);
    const told = publicError(new GraphQLError(known.message, { originalError: known }), request.id);
    return reply
      .code(known.status)
      .headers(retryAfter(known))
      .send({ errors: [told] });
  });
}
