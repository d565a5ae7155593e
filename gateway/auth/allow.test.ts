import { describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLObjectType, type GraphQLResolveInfo } from 'graphql';
import type { ApiKeyScope } from '../../schema/api-key.js';
import type { GatewayContext } from '../context.js';
import { buildGatewaySchema } from '../graphql-schema.js';
import { enforcePolicies } from './allow.js';

const contextWith = (...scopes: ApiKeyScope[]) =>
  ({ caller: { keyId: 'key_a', scopes } }) as unknown as GatewayContext;

function schemaWith(policy?: string) {
  const schema = buildSchema('type Query { secret: String } type Subscription { secrets: String }');
  for (const type of [schema.getQueryType(), schema.getSubscriptionType()] as GraphQLObjectType[]) {
    for (const field of Object.values(type.getFields())) {
      if (policy) field.extensions = { policy };
      field.resolve = () => 'told';
      field.subscribe = () => 'told';
    }
  }
  return schema;
}

const info = {} as GraphQLResolveInfo;

describe('policies', () => {
  it('are declared by every operation of the gateway', async () => {
    await expect(buildGatewaySchema()).resolves.toBeDefined();
  });

  it('may not be missing', () => {
    expect(() => enforcePolicies(schemaWith())).toThrow('Query.secret declares no policy');
  });

  it.each([
    { scopes: ['video:read'] as const, told: true },
    { scopes: ['admin'] as const, told: true },
    { scopes: ['video:write', 'project:read'] as const, told: false },
    { scopes: [] as const, told: false },
  ])('video:read with $scopes: $told', ({ scopes, told }) => {
    const schema = enforcePolicies(schemaWith('video:read'));
    const { secret } = schema.getQueryType()?.getFields() ?? {};
    const { secrets } = schema.getSubscriptionType()?.getFields() ?? {};
    for (const resolve of [secret?.resolve, secrets?.subscribe]) {
      const asking = () => resolve?.({}, {}, contextWith(...scopes), info);
      if (told) expect(asking()).toBe('told');
      else expect(asking).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    }
  });
});
