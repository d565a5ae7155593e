import { defaultFieldResolver, type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import { Extensions } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import type { GatewayContext } from '../context.js';
import { mayDo, type Policy } from './caller.js';

const POLICY = 'policy';

/** Declares what the caller of an operation, or of a field, must be allowed to do. */
export const Allow = (policy: Policy): MethodDecorator => Extensions({ [POLICY]: policy });

type Field = GraphQLField<unknown, GatewayContext>;

/**
 * Puts every declared policy before its resolver.
 * @throws Error where an operation declares none: nothing is open by mistake.
 */
export function enforcePolicies(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const isRoot = roots.includes(type);
    for (const field of Object.values(type.getFields()) as Field[]) {
      const policy = policyOf(field);
      if (isRoot && !policy) throw new Error(`${type.name}.${field.name} declares no policy`);
      if (policy) guard(field, policy, type === schema.getSubscriptionType());
    }
  }
  return schema;
}

const policyOf = (field: Field): Policy | undefined => field.extensions[POLICY] as Policy | undefined;

function guard(field: Field, policy: Policy, isSubscription: boolean): void {
  const checked =
    (resolver: Field['resolve'] = defaultFieldResolver): Field['resolve'] =>
    (source, args, context, info) => {
      if (!mayDo(context.caller, policy)) throw new AppError('FORBIDDEN', { scope: policy });
      return resolver(source, args, context, info);
    };
  if (isSubscription) field.subscribe = checked(field.subscribe);
  else field.resolve = checked(field.resolve);
}
