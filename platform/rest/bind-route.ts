import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { RestBody, RestRoute } from '../../schema/rest/rest-route.js';
import { checkPart } from './check-part.js';

/** A request whose parts are what its route says. */
export interface RestRequest<P, Q, H, B> {
  params: P;
  query: Q;
  headers: H;
  /** Where it was JSON. */
  body: B | undefined;
  request: FastifyRequest;
  /** For headers, and answers that are not JSON. */
  reply: FastifyReply;
}

/** Returns the body of the answer, or the reply where it has sent it itself. */
export type RestHandler<P, Q, H, B, A> = (
  request: RestRequest<P, Q, H, B>,
) => A | FastifyReply | Promise<A | FastifyReply>;

/**
 * Registers a route as it is described: its handler gets only what passes the route's schemas, and the answer has
 * the status of the description unless it sets another. What does not pass is a problem with
 * BAD_USER_INPUT (field).
 */
export function bindRoute<P, Q, H, B, A>(
  app: FastifyInstance,
  route: RestRoute<P, Q, H, B, A>,
  handler: RestHandler<P, Q, H, B, A>,
): void {
  app.route({
    method: [...route.methods],
    url: route.path,
    exposeHeadRoute: !route.hasNoHead && !route.methods.includes('HEAD'),
    async handler(request, reply) {
      const parts = readRequest(route, request);
      reply.code(route.answer.status);
      return handler({ ...parts, request, reply });
    },
  });
}

function readRequest<P, Q, H, B>(route: RestRoute<P, Q, H, B>, request: FastifyRequest) {
  const { params, query, headers, body } = route;
  return {
    params: checkIf(params, request.params, 'path') as P,
    query: checkIf(query, request.query, 'query') as Q,
    headers: (headers && checkIf(headers, namedAs(headers, request.headers), 'header')) as H,
    body: readBody(body, request.body),
  };
}

/** A body of another type is up to the handler: it has not been read. */
function readBody<B>(body: RestBody<B> | undefined, given: unknown): B | undefined {
  const isOther = body?.others !== undefined && given === undefined;
  return isOther ? undefined : checkIf(body?.json, given ?? undefined, 'body');
}

const checkIf = <T>(schema: z.ZodType<T> | undefined, value: unknown, part: string): T | undefined =>
  schema && checkPart(schema, value, part);

/** Header names have no case: under those that the schema has. */
function namedAs(schema: z.ZodType, headers: FastifyRequest['headers']): unknown {
  const shape = schema instanceof z.ZodObject ? (schema.shape as object) : {};
  return Object.fromEntries(Object.keys(shape).map((name) => [name, headers[name.toLowerCase()]]));
}
