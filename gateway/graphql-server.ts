import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import type { Logger } from '../platform/logger.js';
import type { GatewayContext } from './context.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import { isOurFault, publicError } from './graphql-error.js';
import { limitSelections, MAX_TOKENS, selectionLimits } from './selection-limits.js';

export interface GraphqlServerDeps {
  schema: GraphQLSchema;
  log: Logger;
  metrics: GatewayMetrics;
  /** Introspection and suggestions: for development. */
  isOpen: boolean;
  /** Ends everything that is under way; called once when the server stops. */
  drain: () => Promise<void>;
}

/** Apollo Server for the operations that come over HTTP; it stops only when told to. */
export function createGraphqlServer(deps: GraphqlServerDeps): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    schema: deps.schema,
    logger: deps.log,
    introspection: deps.isOpen,
    hideSchemaDetailsFromClientErrors: !deps.isOpen,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [limitSelections(selectionLimits)],
    stopOnTerminationSignals: false,
    formatError: (formatted, error) =>
      error instanceof GraphQLError ? publicError(error, requestIdOf(error)) : formatted,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      observeOperations(deps.metrics),
      { serverWillStart: () => Promise.resolve({ drainServer: deps.drain }) },
    ],
  });
}

/** `formatError` is not told of the request: its id travels with the error. */
const requestIdOf = (error: GraphQLError): string => {
  const { requestId } = error.extensions;
  return typeof requestId === 'string' ? requestId : '';
};

function observeOperations(metrics: GatewayMetrics): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      const startedAt = performance.now();
      return Promise.resolve({
        async didEncounterErrors({ errors, contextValue: { requestId, log } }) {
          for (const error of errors.filter(isOurFault)) {
            error.extensions['requestId'] = requestId;
            log.error({ err: error.originalError ?? error, path: error.path }, 'operation failed');
          }
          return Promise.resolve();
        },
        async willSendResponse({ operation, response, contextValue }) {
          const seconds = (performance.now() - startedAt) / 1000;
          const field = firstField(operation);
          const code = codeOf(response.body);
          if (code === 'UNAUTHENTICATED') response.http.status = 401;
          metrics.operation(field, code, seconds);
          contextValue.log.info({ field, code, ms: Math.round(seconds * 1000) }, 'operation answered');
          return Promise.resolve();
        },
      });
    },
  };
}

/** An operation that got this far was validated, so the name is one of the schema's. */
function firstField(operation: OperationDefinitionNode | null | undefined): string {
  const [selection] = operation?.selectionSet.selections ?? [];
  return selection?.kind === Kind.FIELD ? selection.name.value : 'other';
}

function codeOf(body: { kind: string; singleResult?: unknown }): string {
  const { errors } = (body.singleResult ?? {}) as { errors?: { extensions?: { code?: unknown } }[] };
  const [error] = errors ?? [];
  return error ? String(error.extensions?.code) : 'OK';
}
