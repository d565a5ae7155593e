import type { FastifyInstance } from 'fastify';
import { AppError } from '../../schema/errors.js';

/**
 * Lets the routes of `scope` take JSON and no other bodies. An empty one counts as none: scripts name a type of
 * content also where they send nothing.
 */
export function takeJsonBodies(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    void parse(request, body, (error, value) => done(error && malformed(error), value));
  });
}

const malformed = (cause: Error): AppError =>
  new AppError('BAD_USER_INPUT', { field: 'body', message: 'The body is not JSON.' }, { cause });
