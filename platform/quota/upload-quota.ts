import type { ClientSession } from 'mongoose';
import type { OrganizationLimitsStore } from './organization-limits-store.js';
import { admitUpload, limitsUploads, quotaExceeded, type StorageLeft } from './quota.js';
import type { UsageStore } from './usage-store.js';

/** An upload as far as it counts. */
export interface MeasuredUpload {
  organizationId: string;
  /** What is known of its size. */
  leastBytes?: number;
}

/** Holds uploads to what their organizations may use. */
export interface UploadQuota {
  /**
   * In the transaction in which an upload begins, before anything of it is stored: of two at once, the second one
   * is measured with the first one under way. Returns what it may store, where that is limited.
   * @throws AppError QUOTA_EXCEEDED (limit, max, used)
   */
  admit(upload: MeasuredUpload, session: ClientSession): Promise<StorageLeft | undefined>;
  /** What an organization may still store, where that is limited. */
  storageLeft(organizationId: string): Promise<StorageLeft | undefined>;
  /**
   * In the transaction in which an upload was stored as received: others may have been before it.
   * @throws AppError QUOTA_EXCEEDED (limit, max, used)
   */
  checkStored(organizationId: string, session: ClientSession): Promise<void>;
}

export function createUploadQuota(deps: {
  limits: Pick<OrganizationLimitsStore, 'read' | 'hold'>;
  usage: UsageStore;
}): UploadQuota {
  const { limits, usage } = deps;

  return {
    async admit({ organizationId, leastBytes }, session) {
      const allowed = await limits.read(organizationId, session);
      if (!limitsUploads(allowed)) return undefined;
      await limits.hold(organizationId, session);
      return admitUpload(allowed, await usage.read(organizationId, session), leastBytes);
    },

    async storageLeft(organizationId) {
      const { storedBytes: max } = await limits.read(organizationId);
      if (max == null) return undefined;
      const { storedBytes: used } = await usage.read(organizationId);
      return { bytes: Math.max(0, max - used), max };
    },

    async checkStored(organizationId, session) {
      const { storedBytes: max } = await limits.read(organizationId, session);
      if (max == null) return;
      await limits.hold(organizationId, session);
      const { storedBytes: used } = await usage.read(organizationId, session);
      if (used > max) throw quotaExceeded('storedBytes', max, used);
    },
  };
}
