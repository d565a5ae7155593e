import type { Logger } from '../../platform/logger.js';
import { AppError } from '../../schema/errors.js';
import type { Caller } from '../auth/caller.js';
import { addressBlock } from '../../platform/address-block.js';
import type { OrganizationLimitsStore } from '../../platform/quota/organization-limits-store.js';
import type { RequestCounts } from './request-counts.js';
import { createRequestWindows } from './request-windows.js';

/** How many requests are taken, all gateways together. */
export interface RequestLimits {
  /** For every request, before its sender is known. @throws AppError RATE_LIMITED (retryAfterSeconds) */
  takeFromAddress(address: string, options: { hasCredential: boolean }): void;
  /** For a request whose sender is known. @throws AppError RATE_LIMITED (retryAfterSeconds) */
  takeFromCaller(caller: Caller): Promise<void>;
}

/** Requests in one span of time. */
export interface RequestRates {
  /** An address, whoever is behind it: it may be a whole company's. */
  address: number;
  /** An address, without a credential. */
  anonymous: number;
  /** A key or a user. */
  caller: number;
}

/** Averages are held over this long: browsers ask for many things at once. */
export const WINDOW_SECONDS = 10;

export const requestRates: RequestRates = { address: 1_000, anonymous: 100, caller: 1_000 };

export function createRequestLimits(deps: {
  counts: RequestCounts;
  organizationLimits: Pick<OrganizationLimitsStore, 'of'>;
  log: Logger;
  rates?: Partial<RequestRates>;
}): RequestLimits {
  const rates = { ...requestRates, ...deps.rates };
  const windows = createRequestWindows({
    share: (key, count) => deps.counts.add(key, count),
    windowMs: WINDOW_SECONDS * 1000,
    onError: (err) => deps.log.warn({ err }, 'requests not counted with other gateways'),
  });

  function take(key: string, max: number): void {
    const retryAfterSeconds = windows.take(key, max);
    if (retryAfterSeconds !== undefined) throw new AppError('RATE_LIMITED', { retryAfterSeconds });
  }

  /** A database that is down is no reason to refuse what needs none. */
  async function rateOf(organizationId: string): Promise<number | undefined> {
    try {
      return (await deps.organizationLimits.of(organizationId)).requestsPerSecond ?? undefined;
    } catch (err) {
      deps.log.warn({ err, organizationId }, 'limits of an organization not read');
      return undefined;
    }
  }

  return {
    takeFromAddress(address, { hasCredential }) {
      const block = addressBlock(address);
      if (!hasCredential) take(`anonymous:${block}`, rates.anonymous);
      take(`address:${block}`, rates.address);
    },

    async takeFromCaller({ id, grants }) {
      take(`caller:${id}`, rates.caller);
      const organizationIds = new Set(grants.flatMap(({ organizationId }) => organizationId ?? []));
      for (const organizationId of organizationIds) {
        const perSecond = await rateOf(organizationId);
        if (perSecond !== undefined) take(`organization:${organizationId}`, perSecond * WINDOW_SECONDS);
      }
    },
  };
}
