import type { z } from 'zod';
import { AppError, type ErrorCode } from '../errors.js';
import type { Json, Schemas } from './openapi-schemas.js';
import type { RestAnswer } from './rest-route.js';

export const JSON_TYPE = 'application/json';
const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** What bodies of these types hold. */
export const contentOf = (byType: Readonly<Record<string, z.ZodType>>, schemas: Schemas): Json =>
  Object.fromEntries(Object.entries(byType).map(([type, schema]) => [type, { schema: schemas.of(schema) }]));

/** What is answered when all goes well, or nearly. */
export function responsesOf(answers: Readonly<Record<number, RestAnswer>>, schemas: Schemas): Json {
  const described = Object.entries(answers).map(
    ([status, { description, body, types = [JSON_TYPE], headers }]) => [
      status,
      {
        description,
        ...(headers && { headers: headersOf(headers) }),
        ...(body && { content: contentOf(Object.fromEntries(types.map((type) => [type, body])), schemas) }),
      },
    ],
  );
  return Object.fromEntries(described) as Json;
}

const headersOf = (headers: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

/** One answer for each status, with the codes it may carry. */
export function problemsOf(codes: readonly ErrorCode[]): Json {
  const byStatus = Map.groupBy(codes.toSorted(), (code) => new AppError(code).status);
  const described = [...byStatus].map(([status, some]) => [
    status,
    {
      description: some.map((code) => `${code}: ${new AppError(code).message}`).join('\n\n'),
      ...(some.includes('RATE_LIMITED') && { headers: headersOf({ 'Retry-After': 'Seconds.' }) }),
      content: {
        'application/problem+json': {
          schema: { allOf: [PROBLEM, { properties: { status: { const: status }, code: { enum: some } } }] },
        },
      },
    },
  ]);
  return Object.fromEntries(described) as Json;
}
