import { writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { openApiDocument } from '../schema/rest/openapi-document.js';
import { restRoutes } from '../schema/rest/rest-routes.js';
import { buildGatewaySchema } from './graphql-schema.js';

/** The schema as clients read it, in an order that does not depend on where things are declared. */
export const printGatewaySchema = async (): Promise<string> =>
  `${printSchema(lexicographicSortSchema(await buildGatewaySchema()))}\n`;

/** The REST interface as clients read it, on one machine. */
export function printOpenApi(): string {
  const urls = { gateway: 'http://127.0.0.1:4000', streamer: 'http://127.0.0.1:4001' };
  return `${JSON.stringify(openApiDocument(restRoutes, urls), null, 2)}\n`;
}

if (import.meta.main) {
  const write = (name: string, text: string) =>
    writeFile(new URL(`../schema/${name}`, import.meta.url), text);
  await write('schema.graphql', await printGatewaySchema());
  await write('openapi.json', printOpenApi());
}
