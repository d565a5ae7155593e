import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import {
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { Logger } from '../platform/logger.js';
import type { GatewayContext } from './context.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import { isOurFault, publicError, type PublicError } from './graphql-error.js';
import { operationRules } from './operation-rules.js';

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
    // Both are up to the rules below, which hold on the WebSocket too.
    introspection: true,
    hideSchemaDetailsFromClientErrors: false,
    ...operationRules(deps),
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => {
      const told = error instanceof GraphQLError ? publicError(error, requestIdOf(error)) : formatted;
      return deps.isOpen ? told : { ...told, message: withoutSuggestion(told.message) };
    },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      refuseSubscriptions,
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

/** Apollo has no setting for those about the values of variables. */
const withoutSuggestion = (message: string): string => message.replace(/ Did you mean .+\?$/s, '');

/** Apollo would resolve the event that a subscription has not had yet. */
const refuseSubscriptions: ApolloServerPlugin<GatewayContext> = {
  requestDidStart: () =>
    Promise.resolve({
      async didResolveOperation({ operation }) {
        if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return Promise.resolve();
        throw new GraphQLError('Subscriptions are served over the WebSocket.', {
          extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
        });
      },
    }),
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
          const { code, retryAfterSeconds } = firstError(response.body) ?? { code: 'OK' };
          if (code === 'UNAUTHENTICATED') response.http.status = 401;
          if (code === 'RATE_LIMITED') response.http.status = 429;
          if (typeof retryAfterSeconds === 'number')
            response.http.headers.set('retry-after', String(retryAfterSeconds));
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

/** What a client is told of the first error. */
function firstError(body: { kind: string; singleResult?: unknown }): PublicError['extensions'] | undefined {
  const { errors } = (body.singleResult ?? {}) as { errors?: PublicError[] };
  return errors?.[0]?.extensions;
}
