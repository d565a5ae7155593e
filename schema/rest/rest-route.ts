import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import type { Permission } from '../permissions.js';

export type RestService = 'gateway' | 'streamer';

/** What a route asks for: nothing; nothing, though a credential shows more; or a permission. */
export type RestAccess = Permission | 'public' | 'optional';

export type RestMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RestAnswer {
  description: string;
  /** Absent where there is no body. */
  body?: z.ZodType;
  /** Of the body; JSON where absent. */
  types?: readonly string[];
  /** What each header of the answer says. */
  headers?: Readonly<Record<string, string>>;
}

/** What a request may carry: JSON is checked by its schema, everything else by who reads it. */
export interface RestBody<T> {
  json?: z.ZodType<T>;
  others?: Readonly<Record<string, z.ZodType>>;
  isOptional?: boolean;
}

/**
 * One call of the REST interface, said once: what the service checks requests by, and what the OpenAPI document
 * tells of it. P, Q, H and B are what the handler gets, A is what it answers.
 */
export interface RestRoute<P = unknown, Q = unknown, H = unknown, B = unknown, A = unknown> {
  /** The services that have it. */
  on: readonly RestService[];
  methods: readonly RestMethod[];
  /** As Fastify writes it: `/videos/:videoID`; what `*` stands for is the parameter `*`. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  access: RestAccess;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  headers?: z.ZodType<H>;
  body?: RestBody<B>;
  /** When all goes well. */
  answer: RestAnswer & { status: number; body?: z.ZodType<A> };
  otherAnswers?: Readonly<Record<number, RestAnswer>>;
  /** Besides those that follow from what the route is (`rest-errors.ts`). */
  errors?: readonly ErrorCode[];
  /** Whoever watches over the process calls it: requests are not counted. */
  isUnlimited?: boolean;
  /** GET changes something, so that HEAD must not do the same. */
  hasNoHead?: boolean;
}

/** A route, with the types of its parts. */
export const restRoute = <P, Q, H, B, A>(route: RestRoute<P, Q, H, B, A>): RestRoute<P, Q, H, B, A> => route;
