import { describe, expect, it } from '@jest/globals';
import { buildSchema, validateSchema } from 'graphql';
import { printGatewaySchema } from '../../gateway/emit-schema.js';
import { readText } from './source-tree.js';

describe('schema/schema.graphql', () => {
  const committed = readText('schema/schema.graphql');

  it('is what the code serves: npm run schema writes it', async () => {
    expect(await printGatewaySchema()).toBe(committed);
  });

  it('is a valid schema with the scalars of the contract', () => {
    const schema = buildSchema(committed);
    expect(validateSchema(schema)).toEqual([]);
    for (const scalar of ['DateTime', 'SafeInt', 'Upload']) expect(schema.getType(scalar)).toBeDefined();
  });
});
