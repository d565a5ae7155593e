import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Registry } from 'prom-client';
import type { ApiKeyVerifier } from '../platform/api-keys.js';
import { addHealthRoutes, type ReadinessCheck } from '../platform/health.js';
import type { Broker } from '../platform/kafka/broker.js';
import { runSweeps } from '../platform/sweeps.js';
import { createTrust, type TrustedProxies, type TrustProxy } from '../platform/trusted-proxies.js';
import { addAdminRoutes } from './admin/admin-routes.js';
import { type Authenticator, createAuthenticator } from './auth/authenticator.js';
import { clientAddress } from './client-address.js';
import { createGatewayMetrics } from './gateway-metrics.js';
import { addGraphqlRoute } from './graphql-route.js';
import { buildGatewaySchema } from './graphql-schema.js';
import { createGraphqlServer } from './graphql-server.js';
import { createHttpApp } from './http-app.js';
import { addOidcRoutes } from './identity/oidc-routes.js';
import { addJwksRoute } from './identity/jwks-route.js';
import { addDocumentRoutes } from './documents/document-routes.js';
import { startProgressConsumer } from './progress/progress-consumer.js';
import { addTusRoutes } from './uploads/tus/tus-route.js';
import { addRestScope } from './rest-scope.js';
import { createServices, type ServiceDeps, type Services } from './services.js';
import { addReprocessRoute } from './videos/reprocess-route.js';
import { createSocketOperations } from './sockets/socket-operations.js';
import { createSocketProtocol } from './sockets/socket-protocol.js';
import { createSocketServer, type SocketServer } from './sockets/socket-server.js';
import { addUploadRoutes } from './uploads/upload-routes.js';

export interface GatewayDeps extends Omit<ServiceDeps, 'counts'> {
  broker: Broker;
  verifier: ApiKeyVerifier;
  registry: Registry;
  checks: Record<string, ReadinessCheck>;
  /** Introspection and suggestions: for development. */
  isOpen: boolean;
  /** Proxies whose word on where a request comes from is believed. */
  trustedProxies?: TrustedProxies;
  /** Aborted when the process begins to stop. */
  stopping: AbortSignal;
}

export interface Gateway {
  /** Returns the URL it listens on. */
  listen(at: { host: string; port: number }): Promise<string>;
  /** Takes no more requests, lets uploads finish for a while, closes every connection. */
  close(): Promise<void>;
}

const PATH = '/graphql';
/** Uploads in flight may go on for this long after the process was told to stop, milliseconds. */
const UPLOAD_GRACE_MS = 20_000;

/** The gateway, complete but not listening yet. */
export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const { log, isOpen, stopping } = deps;
  const counts = createGatewayMetrics(deps.registry);
  const services = createServices({ ...deps, counts });
  const schema = await buildGatewaySchema(services.resolvers);
  const authenticator = createAuthenticator({ keys: deps.verifier, users: services.users });
  const trustProxy = createTrust(deps.trustedProxies ?? false);
  const { requestLimits: limits, uploadSessions } = services;
  const app = await createHttpApp({ log, stopping, authenticator, limits, trustProxy });
  addHealthRoutes(app, { checks: deps.checks, metrics: deps.registry, stopping });

  const sockets = acceptSockets(deps, { app, schema, services, authenticator, trustProxy });
  counts.observe({ sockets: () => sockets.size, subscriptions: () => services.hub.size });

  async function drain(): Promise<void> {
    const late = setTimeout(() => app.server.closeAllConnections(), UPLOAD_GRACE_MS);
    await Promise.all([sockets.close(), app.close()]);
    clearTimeout(late);
  }

  const apollo = createGraphqlServer({ schema, log, metrics: counts, isOpen, drain });
  await apollo.start();
  await addGraphqlRoute(app, { ...deps, apollo, contextOf: services.contextOf, path: PATH });
  await addRestScope(app, (scope) => {
    addAdminRoutes(scope, services.adminRoutes);
    addJwksRoute(scope, { keys: services.signingKeys });
    addOidcRoutes(scope, services.oidcRoutes);
    addDocumentRoutes(scope, deps);
    addReprocessRoute(scope, { ...deps, ...services.reprocessRoute });
  });
  await addRestScope(app, (scope) => addUploadRoutes(scope, { ...deps, ...services.uploadRoutes }));
  await addTusRoutes(app, uploadSessions.routes);

  const consumer = startProgressConsumer({
    ...{ broker: deps.broker, hub: services.hub, deadLetters: services.deadLetters, log },
    onStopped(videoId) {
      services.uploadService.cancel(videoId);
      uploadSessions.breakOff(videoId);
    },
  });
  await services.revocations.announceAll();
  const healing = services.healer.run(stopping);
  const sweeping = runSweeps({ registry: deps.registry, log, signal: stopping }, services.sweeps);

  return {
    listen: (at) => app.listen(at),
    async close() {
      // Whoever sends in pieces goes on elsewhere: nobody waits for them.
      await Promise.all([uploadSessions.close(), apollo.stop()]);
      await Promise.all([services.uploadService.settled(), consumer.close(), sweeping, healing]);
    },
  };
}

/** Subscriptions, on the HTTP server of the application. */
function acceptSockets(
  { isOpen, log }: GatewayDeps,
  on: {
    app: FastifyInstance;
    schema: GraphQLSchema;
    services: Services;
    authenticator: Authenticator;
    trustProxy: TrustProxy;
  },
): SocketServer {
  const { authenticator, trustProxy } = on;
  const { contextOf, requestLimits: limits } = on.services;
  const operations = createSocketOperations({ schema: on.schema, isOpen });
  return createSocketServer({
    server: on.app.server,
    path: PATH,
    protocol: createSocketProtocol({ operations, contextOf, authenticator, limits }),
    authenticator,
    limits,
    addressOf: (request) => clientAddress(request, trustProxy),
    log,
    newRequestId: randomUUID,
  });
}
