import { describe, expect, it } from '@jest/globals';
import type { OrganizationLimits } from '../../schema/organization.js';
import type { Caller } from '../auth/caller.js';
import { createSubscriptionQuota } from './subscription-quota.js';

const caller = (id: string): Caller => ({ kind: 'API_KEY', id, grants: [] });

function setUp(limits: OrganizationLimits = {}) {
  return createSubscriptionQuota({ limits: { of: () => Promise.resolve(limits) }, maxOfCaller: 2 });
}

const exceeded = (max: number): unknown =>
  expect.objectContaining({ code: 'QUOTA_EXCEEDED', details: { limit: 'subscriptions', max } });

describe('the quota of subscriptions', () => {
  it('holds for each identity, until it gives one back', () => {
    const quota = setUp();
    const release = quota.takeForCaller(caller('a'));
    quota.takeForCaller(caller('a'));
    expect(() => quota.takeForCaller(caller('a'))).toThrow(exceeded(2));
    quota.takeForCaller(caller('b'));
    release();
    expect(() => quota.takeForCaller(caller('a'))).not.toThrow();
  });

  it('holds for each organization, whoever subscribes', async () => {
    const quota = setUp({ subscriptions: 1 });
    const release = await quota.takeForOrganization('org_a');
    await expect(quota.takeForOrganization('org_a')).rejects.toThrow(exceeded(1));
    await quota.takeForOrganization('org_b');
    release();
    await quota.takeForOrganization('org_a');
  });

  it('is only that of identities where the organization has none', async () => {
    const quota = setUp();
    for (let n = 0; n < 100; n += 1) await quota.takeForOrganization('org_a');
  });
});
