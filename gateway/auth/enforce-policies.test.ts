import { describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLObjectType, type GraphQLResolveInfo } from 'graphql';
import type { Permission } from '../../schema/permissions.js';
import type { GatewayContext } from '../context.js';
import { buildGatewaySchema } from '../graphql-schema.js';
import { anonymous, type Caller } from './caller.js';
import { enforcePolicies } from './enforce-policies.js';
import type { Policy } from './policies.js';

const keyWith = (...permissions: Permission[]): Caller => ({
  kind: 'API_KEY',
  id: 'key_a',
  grants: [{ organizationId: 'org_a', permissions }],
});

const contextOf = (caller: Caller) => ({ caller }) as unknown as GatewayContext;

function schemaOf(text: string) {
  const schema = buildSchema(text);
  for (const type of [schema.getQueryType(), schema.getSubscriptionType()] as GraphQLObjectType[]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      field.resolve = () => 'told';
      field.subscribe = () => 'told';
    }
  }
  return schema;
}

const text = 'type Query { secret: String } type Subscription { secrets: String }';
const both = (policy: Policy) => ({ 'Query.secret': policy, 'Subscription.secrets': policy });
const info = {} as GraphQLResolveInfo;

describe('policies', () => {
  it('are there for every operation of the gateway, and no others', async () => {
    await expect(buildGatewaySchema()).resolves.toBeDefined();
  });

  it('may not be missing', () => {
    expect(() => enforcePolicies(schemaOf(text), { fields: { 'Query.secret': 'admin' }, types: [] })).toThrow(
      'Subscription.secrets has no policy',
    );
  });

  it('may not be missing for a type, whose fields would be open to whoever comes to it', () => {
    const schema = () => buildSchema('type Query { thing: Thing } type Thing { name: String }');
    const fields = { 'Query.thing': 'admin' as const };
    expect(() => enforcePolicies(schema(), { fields, types: [] })).toThrow('Thing has no policy');
    expect(() => enforcePolicies(schema(), { fields, types: ['Thing'] })).not.toThrow();
  });

  it('may not be left over', () => {
    const fields = { ...both('admin'), 'Query.gone': 'admin' as const };
    expect(() => enforcePolicies(schemaOf(text), { fields, types: ['Gone'] })).toThrow(
      'policies of what is not there: Query.gone, Gone',
    );
  });

  it.each<{ policy: Policy; caller: Caller; answer: string }>([
    { policy: 'video:read', caller: keyWith('video:read'), answer: 'told' },
    { policy: 'video:read', caller: keyWith('admin'), answer: 'told' },
    { policy: 'video:read', caller: keyWith('video:write', 'project:read'), answer: 'FORBIDDEN' },
    { policy: 'video:read', caller: keyWith(), answer: 'FORBIDDEN' },
    { policy: 'video:read', caller: anonymous, answer: 'UNAUTHENTICATED' },
    { policy: 'authenticated', caller: keyWith(), answer: 'told' },
    { policy: 'authenticated', caller: anonymous, answer: 'UNAUTHENTICATED' },
    { policy: 'public', caller: anonymous, answer: 'told' },
  ])('$policy for $caller.grants: $answer', ({ policy, caller, answer }) => {
    const schema = enforcePolicies(schemaOf(text), { fields: both(policy), types: [] });
    const { secret } = schema.getQueryType()?.getFields() ?? {};
    const { secrets } = schema.getSubscriptionType()?.getFields() ?? {};
    for (const resolve of [secret?.resolve, secrets?.subscribe]) {
      const asking = () => resolve?.({}, {}, contextOf(caller), info);
      if (answer === 'told') expect(asking()).toBe('told');
      else expect(asking).toThrow(expect.objectContaining({ code: answer }));
    }
  });
});
