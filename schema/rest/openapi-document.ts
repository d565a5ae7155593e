import { z } from 'zod';
import { contentOf, JSON_TYPE, problemsOf, responsesOf } from './openapi-answers.js';
import { createSchemas, type Json, type Schemas } from './openapi-schemas.js';
import { errorsOf } from './rest-errors.js';
import type { RestRoute, RestService } from './rest-route.js';

/** An OpenAPI 3.1 document, as far as its readers here look into it. */
export interface OpenApiDocument extends Json {
  openapi: '3.1.0';
  paths: Record<string, Record<string, Json>>;
}

/** What every error answer has (RFC 9457); many add facts of their own. */
const problem = z.looseObject({
  type: z.literal('about:blank'),
  title: z.string().meta({ description: 'Fit for the person who meets the error.' }),
  status: z.int(),
  code: z.string().meta({ description: 'Stable: act on this.' }),
  requestId: z.string().meta({ description: 'What the logs have it by.' }),
  field: z.string().optional().meta({ description: 'Of BAD_USER_INPUT: where the request is wrong.' }),
  retryAfterSeconds: z.number().optional(),
});

const info = {
  title: 'Stream Plus',
  version: '0.1.0',
  description:
    'The REST interface. What it has not is in GraphQL, at `/graphql` on the gateway, by `schema/schema.graphql`. ' +
    'HEAD answers as GET does, without the body; OPTIONS answers preflights of browsers. Every answer of the ' +
    'gateway carries `X-Request-Id`.',
  license: { name: 'MIT', identifier: 'MIT' },
};

/** The REST interface as one OpenAPI 3.1 document, for these addresses of the services. */
export function openApiDocument(
  routes: readonly RestRoute[],
  urls: Readonly<Record<RestService, string>>,
): OpenApiDocument {
  const schemas = createSchemas();
  const server = (service: RestService) => ({ url: urls[service], description: service });
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    const path = (paths[openApiPath(route.path)] ??= { servers: route.on.map(server) as never });
    for (const method of route.methods) path[method.toLowerCase()] = operation(route, method, schemas);
  }
  schemas.add('Problem', problem);
  return {
    openapi: '3.1.0',
    info,
    servers: (['gateway', 'streamer'] as const).map(server),
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.all,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or the access token of a user.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}

/** A parameter has a name in the document, a wildcard's too. */
const nameOf = (parameter: string): string => (parameter === '*' ? 'encryptedPath' : parameter);

export const openApiPath = (path: string): string =>
  path.replace(/:(\w+)/g, '{$1}').replace('*', `{${nameOf('*')}}`);

function operation(route: RestRoute, method: string, schemas: Schemas): Json {
  const { tag, summary, description, access, body, answer, otherAnswers = {} } = route;
  const { status, ...success } = answer;
  const answers = { [status]: success, ...otherAnswers };
  const needs = access === 'public' || access === 'optional' ? [] : [`Needs the permission \`${access}\`.`];
  const told = [description, ...needs].filter((part) => part !== undefined).join(' ');
  return {
    operationId: `${method.toLowerCase()} ${route.path}`.replace(/[^a-zA-Z]+(\w?)/g, (_, next: string) =>
      next.toUpperCase(),
    ),
    tags: [tag],
    summary,
    ...(told && { description: told }),
    security: securityOf(route),
    parameters: parametersOf(route, schemas),
    ...(body && {
      requestBody: {
        required: !body.isOptional,
        content: contentOf({ ...(body.json && { [JSON_TYPE]: body.json }), ...body.others }, schemas),
      },
    }),
    responses: { ...responsesOf(answers, schemas), ...problemsOf(errorsOf(route)) },
  };
}

function securityOf({ access }: RestRoute): Json[] {
  if (access === 'public') return [];
  return [...(access === 'optional' ? [{}] : []), { bearer: [] }, { apiKey: [] }];
}

function parametersOf(route: RestRoute, schemas: Schemas): Json[] {
  const places = [
    ['path', route.params],
    ['query', route.query],
    ['header', route.headers],
  ] as const;
  return places.flatMap(([place, schema]) => {
    if (!(schema instanceof z.ZodObject)) return [];
    return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, of]) => {
      const { description, ...rest } = schemas.of(of);
      const required = place === 'path' || !of.safeParse(undefined).success;
      return {
        name: nameOf(name),
        in: place,
        required,
        ...(description !== undefined && { description }),
        schema: rest,
      };
    });
  });
}
