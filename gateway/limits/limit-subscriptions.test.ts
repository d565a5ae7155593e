import { describe, expect, it } from '@jest/globals';
import { buildSchema, type ExecutionResult, parse, subscribe } from 'graphql';
import { AppError } from '../../schema/errors.js';
import { limitSubscriptions } from './limit-subscriptions.js';
import { createSubscriptionQuota } from './subscription-quota.js';

/** A schema whose subscription never says anything, and one caller who may have two of it. */
function setUp(source: () => unknown = silence) {
  const schema = buildSchema('type Query { a: Int } type Subscription { news: Int }');
  const { news } = schema.getSubscriptionType()?.getFields() ?? {};
  if (news) news.subscribe = source;
  limitSubscriptions(schema);
  const limits = { of: () => Promise.resolve({}) };
  const subscriptionQuota = createSubscriptionQuota({ limits, maxOfCaller: 2 });
  const contextValue = { caller: { kind: 'API_KEY', id: 'key_a', grants: [] }, subscriptionQuota };
  return () => subscribe({ schema, document: parse('subscription { news }'), contextValue });
}

function silence(): AsyncIterableIterator<never> {
  const events: AsyncIterableIterator<never> = {
    next: () => new Promise(() => undefined),
    return: () => Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}

const isOpen = (answer: AsyncGenerator<ExecutionResult> | ExecutionResult): boolean => !('errors' in answer);

describe('subscriptions', () => {
  it('are refused to who has too many open, until one is left, read or not', async () => {
    const open = setUp();
    const [first, second] = [await open(), await open()];
    expect(await open()).toMatchObject({
      errors: [{ originalError: { code: 'QUOTA_EXCEEDED', details: { limit: 'subscriptions', max: 2 } } }],
    });
    if ('return' in first) await first.return(undefined);
    expect(isOpen(await open())).toBe(true);
    expect(isOpen(await open())).toBe(false);
    if ('next' in second) void second.next();
    if ('return' in second) await second.return(undefined);
    expect(isOpen(await open())).toBe(true);
  });

  it('that could not be opened do not count', async () => {
    const open = setUp(() => {
      throw new AppError('NOT_FOUND');
    });
    for (let n = 0; n < 5; n += 1) {
      expect(await open()).toMatchObject({ errors: [{ originalError: { code: 'NOT_FOUND' } }] });
    }
  });
});
