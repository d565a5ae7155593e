import type { FastifyInstance } from 'fastify';
import { AppError } from '../../schema/errors.js';

interface JsonBodies {
  /** Under which it comes. */
  types?: string[];
  /** The application's limit where absent. */
  maxBytes?: number;
}

/**
 * Lets the routes of `scope` take JSON and no other bodies. An empty one counts as none: scripts name a type of
 * content also where they send nothing.
 */
export function takeJsonBodies(
  scope: FastifyInstance,
  { types = ['application/json'], maxBytes }: JsonBodies = {},
): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeAllContentTypeParsers();
  const options = { parseAs: 'string', bodyLimit: maxBytes } as const;
  scope.addContentTypeParser<string>(types, options, (request, body, done) => {
    if (body === '') return done(null, undefined);
    void parse(request, body, (error, value) => done(error && malformed(error), value));
  });
}

const malformed = (cause: Error): AppError =>
  new AppError('BAD_USER_INPUT', { field: 'body', message: 'The body is not JSON.' }, { cause });
