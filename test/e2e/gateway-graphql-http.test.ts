import { describe, expect, it } from '@jest/globals';
import { auditServer } from 'graphql-http';
import { withGateway } from './gateway-fixture.js';

const asApollo =
  'Apollo Server answers 400 to what it does not execute, whatever form of answer is asked for: clients of ' +
  'Apollo expect it, and what watches traffic sees that a request was refused.';

/** Recommendations that the gateway does not follow, and why. */
const notFollowed: Record<string, string> = {
  '572B SHOULD use 200 status code on document parsing failure when accepting application/json': asApollo,
  'FDE2 SHOULD use 200 status code on document validation failure when accepting application/json': asApollo,
  '7B9B SHOULD use a status code of 200 on variable coercion failure when accepting application/json':
    asApollo,
};

describe('the GraphQL over HTTP specification', () => {
  it('is kept in all that it demands and allows, and in what it recommends but for what is listed here', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant }) => {
      // The second header is what a GET needs: no page of another site can send it unasked.
      const headers = { authorization: `Bearer ${tenant.key}`, 'apollo-require-preflight': 'true' };
      const results = await auditServer({
        url: `${url}/graphql`,
        fetchFn: (input: string, init: RequestInit = {}) =>
          fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
      });
      expect(results.length).toBeGreaterThan(50);
      const failed = results.filter(({ status }) => status !== 'ok');
      expect(failed.map(({ id, name }) => `${id} ${name}`)).toEqual(Object.keys(notFollowed));
      expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['warn']));
    }));
});
