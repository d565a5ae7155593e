import { writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildGatewaySchema } from './graphql-schema.js';

/** The schema as clients read it, in an order that does not depend on where things are declared. */
export const printGatewaySchema = async (): Promise<string> =>
  `${printSchema(lexicographicSortSchema(await buildGatewaySchema()))}\n`;

if (import.meta.main) {
  await writeFile(new URL('../schema/schema.graphql', import.meta.url), await printGatewaySchema());
}
