import type { Database } from '../../platform/mongo.js';
import { Session } from '../../schema/session.js';

/** A session that nobody has refreshed yet; the database adds its creation time. */
export type NewSession = Omit<Session, 'createdAt' | 'revokedAt'>;

export interface SessionStore {
  add(session: NewSession): Promise<void>;
  find(id: string): Promise<Session | undefined>;
  /** Gives an active session another secret; false where somebody else has done so, or ended it. */
  rotate(session: Session, to: { secretHash: string; expiresAt: Date }): Promise<boolean>;
  revoke(id: string): Promise<void>;
  /** Ends what sessions the user has, but this one. */
  revokeAll(userId: string, exceptId?: string): Promise<void>;
}

/** Hashes of used secrets that are kept: a thief who waits longer is only refused. */
const KEPT_HASHES = 10;

export function createSessionStore(deps: { db: Database }): SessionStore {
  const sessions = deps.db.model(Session);
  const active = { revokedAt: { $exists: false } };
  const revoked = () => ({ $set: { revokedAt: new Date() } });

  return {
    async add(session) {
      await sessions.create(session);
    },

    async find(id) {
      return (await sessions.findById(id).lean<Session>()) ?? undefined;
    },

    async rotate({ _id, rotation, secretHash }, to) {
      const { modifiedCount } = await sessions.updateOne(
        { _id, rotation, secretHash, ...active },
        {
          $set: { ...to, rotation: rotation + 1 },
          $push: { usedHashes: { $each: [secretHash], $slice: -KEPT_HASHES } },
        },
      );
      return modifiedCount === 1;
    },

    async revoke(_id) {
      await sessions.updateOne({ _id, ...active }, revoked());
    },

    async revokeAll(userId, exceptId) {
      const others = exceptId === undefined ? {} : { _id: { $ne: exceptId } };
      await sessions.updateMany({ userId, ...others, ...active }, revoked());
    },
  };
}
