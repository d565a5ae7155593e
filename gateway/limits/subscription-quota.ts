import type { Caller } from '../auth/caller.js';
import type { OrganizationLimitsStore } from '../../platform/quota/organization-limits-store.js';
import { quotaExceeded } from '../../platform/quota/quota.js';
import { createTally } from './tally.js';

/** Open subscriptions of this process, by whom they belong to. What is taken is given back by what is returned. */
export interface SubscriptionQuota {
  /** @throws AppError QUOTA_EXCEEDED (limit, max) */
  takeForCaller(caller: Caller): () => void;
  /** @throws AppError QUOTA_EXCEEDED (limit, max) */
  takeForOrganization(organizationId: string): Promise<() => void>;
}

/** Of one identity: a key may be that of a whole application. */
export const MAX_SUBSCRIPTIONS = 2_000;

export function createSubscriptionQuota(deps: {
  limits: Pick<OrganizationLimitsStore, 'of'>;
  maxOfCaller?: number;
}): SubscriptionQuota {
  const { limits, maxOfCaller = MAX_SUBSCRIPTIONS } = deps;
  const tally = createTally();

  function take(owner: string, max: number): () => void {
    const release = tally.take(owner, max);
    if (!release) throw quotaExceeded('subscriptions', max);
    return release;
  }

  return {
    takeForCaller: ({ id }) => take(id, maxOfCaller),

    async takeForOrganization(organizationId) {
      const { subscriptions } = await limits.of(organizationId);
      return take(organizationId, subscriptions ?? Infinity);
    },
  };
}
