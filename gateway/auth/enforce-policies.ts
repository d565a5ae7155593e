import { defaultFieldResolver, type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import type { GatewayContext } from '../context.js';
import { requirePolicy } from './caller.js';
import { fieldPolicies, openTypes, type Policy } from './policies.js';

/** Of fields by their names, and the types whose other fields ask for nothing more. */
export interface Policies {
  fields: Readonly<Record<string, Policy>>;
  types: readonly string[];
}

type Field = GraphQLField<unknown, GatewayContext>;

/**
 * Puts the policy of every field before its resolver.
 * @throws Error where an operation or a type has none, or a policy is of what is not there: nothing is open by
 * mistake.
 */
export function enforcePolicies(
  schema: GraphQLSchema,
  { fields: policies, types }: Policies = { fields: fieldPolicies, types: openTypes },
): GraphQLSchema {
  const unused = new Set([...Object.keys(policies), ...types]);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    if (!unused.delete(type.name) && !roots.includes(type)) throw new Error(`${type.name} has no policy`);
    for (const field of Object.values(type.getFields()) as Field[]) {
      const name = `${type.name}.${field.name}`;
      const policy = policies[name];
      unused.delete(name);
      if (policy) guard(field, policy, type === schema.getSubscriptionType());
      else if (roots.includes(type)) throw new Error(`${name} has no policy`);
    }
  }
  if (unused.size > 0) throw new Error(`policies of what is not there: ${[...unused].join(', ')}`);
  return schema;
}

function guard(field: Field, policy: Policy, isSubscription: boolean): void {
  const checked =
    (resolver: Field['resolve'] = defaultFieldResolver): Field['resolve'] =>
    (source, args, context, info) => {
      requirePolicy(context.caller, policy);
      return resolver(source, args, context, info);
    };
  if (isSubscription) field.subscribe = checked(field.subscribe);
  else field.resolve = checked(field.resolve);
}
