import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterMongo,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import { addressBlock } from '../../platform/address-block.js';
import { rateCounts } from '../limits/rate-counts.js';

/** By whom, and on which account, something is tried. */
export interface Attempt {
  account?: string;
  address?: string;
}

/** How often something may be tried, on one account and from one address. */
export interface Throttle {
  /**
   * Counts an attempt.
   * @throws AppError RATE_LIMITED (retryAfterSeconds)
   */
  attempt(attempt: Attempt): Promise<void>;
  /** The attempt was by who may: nothing is held against the account, and this one not against the address. */
  forgive(attempt: Attempt): Promise<void>;
}

export interface ThrottleLimits {
  name: string;
  perAccount: number;
  perAddress: number;
  windowSeconds: number;
}

/** Makes what counts by keys of one kind. */
export type LimiterFactory = (options: {
  keyPrefix: string;
  points: number;
  duration: number;
}) => RateLimiterAbstract;

/**
 * Counts in the database, for all gateways together. Who is over the limit is refused from memory until it
 * ends; while the database cannot be reached, each gateway counts by itself.
 */
export function mongoLimiters(deps: { db: Database }): LimiterFactory {
  return (options) =>
    new RateLimiterMongo({
      ...options,
      ...rateCounts(deps.db),
      inMemoryBlockOnConsumed: options.points + 1,
      insuranceLimiter: new RateLimiterMemory(options),
    });
}

export function createThrottle(deps: { limiter: LimiterFactory } & ThrottleLimits): Throttle {
  const { name, windowSeconds: duration } = deps;
  const accounts = deps.limiter({ keyPrefix: `${name} account`, points: deps.perAccount, duration });
  const addresses = deps.limiter({ keyPrefix: `${name} address`, points: deps.perAddress, duration });

  return {
    // One address that tries too much may not use up an account's attempts.
    async attempt({ account, address }) {
      if (address !== undefined) await addresses.consume(addressBlock(address)).catch(refuse);
      if (account !== undefined) await accounts.consume(account).catch(refuse);
    },

    async forgive({ account, address }) {
      await Promise.all([
        account !== undefined && accounts.delete(account),
        address !== undefined && addresses.reward(addressBlock(address)),
      ]);
    },
  };
}

function refuse(reason: unknown): never {
  if (!(reason instanceof RateLimiterRes)) throw reason;
  const retryAfterSeconds = Math.max(1, Math.ceil(reason.msBeforeNext / 1000));
  throw new AppError('RATE_LIMITED', { retryAfterSeconds });
}
