import { AppError } from '../../schema/errors.js';
import type { OrganizationLimits } from '../../schema/organization.js';

/** What an organization uses of what may be limited. */
export interface Usage {
  /** Of source files that are received, of deleted videos until they are purged. */
  storedBytes: number;
  /** Of source media received in this calendar month, UTC; known once they are probed. */
  minutesThisMonth: number;
  /** Uploads that are being received. */
  uploadsNow: number;
}

export type QuotaLimit = Exclude<keyof OrganizationLimits, 'requestsPerSecond'>;

/** What is left of `storedBytes`. */
export interface StorageLeft {
  bytes: number;
  max: number;
}

/** Says which limit is reached, where it lies and, where that is known, what is used of it. */
export const quotaExceeded = (limit: QuotaLimit, max: number, used?: number): AppError =>
  new AppError('QUOTA_EXCEEDED', { limit, max, ...(used !== undefined && { used }) });

export const storageExceeded = ({ bytes, max }: StorageLeft): AppError =>
  quotaExceeded('storedBytes', max, max - bytes);

/** Whether uploads have anything to be measured by. */
export const limitsUploads = (limits: OrganizationLimits): boolean =>
  [limits.storedBytes, limits.minutesPerMonth, limits.simultaneousUploads].some((limit) => limit != null);

/**
 * Whether one more upload may begin; `leastBytes` is what is known of its size.
 * @returns what it may store, where that is limited.
 * @throws AppError QUOTA_EXCEEDED (limit, max, used)
 */
export function admitUpload(
  limits: OrganizationLimits,
  usage: Usage,
  leastBytes = 1,
): StorageLeft | undefined {
  const { simultaneousUploads, minutesPerMonth, storedBytes } = limits;
  if (simultaneousUploads != null && usage.uploadsNow >= simultaneousUploads)
    throw quotaExceeded('simultaneousUploads', simultaneousUploads, usage.uploadsNow);
  if (minutesPerMonth != null && usage.minutesThisMonth >= minutesPerMonth)
    throw quotaExceeded('minutesPerMonth', minutesPerMonth, usage.minutesThisMonth);
  if (storedBytes == null) return undefined;
  const left = { bytes: Math.max(0, storedBytes - usage.storedBytes), max: storedBytes };
  if (usage.storedBytes + Math.max(1, leastBytes) > storedBytes)
    throw quotaExceeded('storedBytes', storedBytes, usage.storedBytes);
  return left;
}

/** When the calendar month of a time began, UTC. */
export const monthStart = (at: number): Date => {
  const date = new Date(at);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth()));
};
