import type { GraphQLField, GraphQLSchema } from 'graphql';
import type { GatewayContext } from '../context.js';
import { releasing } from './releasing.js';

/** Counts every subscription for as long as it is open, whatever it is about. */
export function limitSubscriptions(schema: GraphQLSchema): GraphQLSchema {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const field of Object.values(fields) as GraphQLField<unknown, GatewayContext>[]) limit(field);
  return schema;
}

function limit(field: GraphQLField<unknown, GatewayContext>): void {
  const { subscribe } = field;
  if (!subscribe) return;
  field.subscribe = async (source, args, context, info) => {
    const release = context.subscriptionQuota.takeForCaller(context.caller);
    try {
      const events = (await subscribe(source, args, context, info)) as AsyncIterable<unknown>;
      return releasing(events, release);
    } catch (error) {
      release();
      throw error;
    }
  };
}
