import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { Installation } from '../../schema/installation.js';

/** Whose the installation is: the first user's. */
export interface InstallationStore {
  isClaimed(): Promise<boolean>;
  /** Takes the place of the first user; false where somebody has it. Of transactions at once, one goes through. */
  claim(session: ClientSession): Promise<boolean>;
}

const _id = 'installation';

export function createInstallationStore(deps: { db: Database }): InstallationStore {
  const installations = deps.db.model(Installation);
  return {
    async isClaimed() {
      return (await installations.exists({ _id })) !== null;
    },

    async claim(session) {
      const { upsertedCount } = await installations.updateOne(
        { _id },
        { $setOnInsert: { claimedAt: new Date() } },
        { upsert: true, session },
      );
      return upsertedCount === 1;
    },
  };
}
