import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
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
   * Stores the beginning of an upload by `begin`, in a transaction where there is a limit: of two uploads
   * at once, the second one is measured with the first one under way.
   * @throws AppError QUOTA_EXCEEDED (limit, max, used)
   */
  begin<T>(
    upload: MeasuredUpload,
    begin: (session?: ClientSession) => Promise<T>,
  ): Promise<{ begun: T; storageLeft?: StorageLeft }>;
  /**
   * In the transaction in which an upload was stored as received: others may have been before it.
   * @throws AppError QUOTA_EXCEEDED (limit, max, used)
   */
  checkStored(organizationId: string, session: ClientSession): Promise<void>;
}

export function createUploadQuota(deps: {
  db: Pick<Database, 'transaction'>;
  limits: Pick<OrganizationLimitsStore, 'read' | 'hold'>;
  usage: UsageStore;
}): UploadQuota {
  const { db, limits, usage } = deps;

  return {
    async begin({ organizationId, leastBytes }, begin) {
      if (!limitsUploads(await limits.read(organizationId))) return { begun: await begin() };
      return db.transaction(async (session) => {
        await limits.hold(organizationId, session);
        const allowed = await limits.read(organizationId, session);
        const storageLeft = admitUpload(allowed, await usage.read(organizationId, session), leastBytes);
        return { begun: await begin(session), storageLeft };
      });
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
