import type { FastifyInstance } from 'fastify';
import { takeJsonBodies } from '../platform/rest/json-bodies.js';
import { AppError } from '../schema/errors.js';
import { isUnreachable } from './graphql-error.js';

/** Adds routes of the REST interface: bodies are JSON, and a database that is down is UNAVAILABLE. */
export async function addRestScope(
  app: FastifyInstance,
  addRoutes: (scope: FastifyInstance) => void,
): Promise<void> {
  await app.register((scope, _options, done) => {
    takeJsonBodies(scope);
    scope.setErrorHandler((error) => {
      throw isUnreachable(error) ? new AppError('UNAVAILABLE', {}, { cause: error }) : error;
    });
    addRoutes(scope);
    done();
  });
}
