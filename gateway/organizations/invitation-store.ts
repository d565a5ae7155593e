import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { Invitation } from '../../schema/invitation.js';
import { type Caller, visibleInvitations } from '../auth/caller.js';

/** An invitation before it is stored. */
export type NewInvitation = Pick<
  Invitation,
  '_id' | 'organizationId' | 'email' | 'role' | 'invitedBy' | 'expiresAt'
>;

/** Some of an organization's invitations: by whom they were made, or to whom. */
export type InvitationsOf = Pick<Invitation, 'organizationId'> &
  Partial<Pick<Invitation, 'email' | 'invitedBy'>>;

export interface InvitationStore {
  create(invitation: NewInvitation, session: ClientSession): Promise<Invitation>;
  /** Undefined both where there is none and where the caller may not see it. */
  find(id: string, caller: Caller): Promise<Invitation | undefined>;
  /** Whoever asks. */
  read(id: string): Promise<Invitation | undefined>;
  /** Those that can still be accepted, the newest first; no more than are shown. */
  pending(of: InvitationsOf, session?: ClientSession): Promise<Invitation[]>;
  /** Uses it up; undefined where it is over, or for another address. */
  accept(id: string, email: string, session: ClientSession): Promise<Invitation | undefined>;
  /** The revoked invitation; undefined where it is over. */
  revoke(id: string, session: ClientSession): Promise<Invitation | undefined>;
  /** Revokes whatever of these is pending. */
  withdrawOf(of: InvitationsOf, session: ClientSession): Promise<void>;
}

const MAX_SHOWN = 1_000;

export function createInvitationStore(deps: { db: Database; now?: () => number }): InvitationStore {
  const invitations = deps.db.model(Invitation);
  const now = () => new Date((deps.now ?? Date.now)());
  const isPending = () => ({
    acceptedAt: { $exists: false },
    revokedAt: { $exists: false },
    expiresAt: { $gt: now() },
  });

  return {
    async create(invitation, session) {
      const created = new invitations(invitation);
      await created.save({ session });
      return created.toObject();
    },

    async find(id, caller) {
      const visible = visibleInvitations(caller);
      if (!visible) return undefined;
      const found = await invitations.findOne({ $and: [{ _id: id }, visible] }).lean<Invitation>();
      return found ?? undefined;
    },

    async read(id) {
      return (await invitations.findById(id).lean<Invitation>()) ?? undefined;
    },

    async pending(of, session) {
      return invitations
        .find({ ...of, ...isPending() }, null, { session })
        .sort({ _id: -1 })
        .limit(MAX_SHOWN)
        .lean<Invitation[]>();
    },

    async accept(id, email, session) {
      const accepted = await invitations
        .findOneAndUpdate(
          { _id: id, email, ...isPending() },
          { $set: { acceptedAt: now() } },
          { returnDocument: 'after', session },
        )
        .lean<Invitation>();
      return accepted ?? undefined;
    },

    async revoke(id, session) {
      const revoked = await invitations
        .findOneAndUpdate(
          { _id: id, ...isPending() },
          { $set: { revokedAt: now() } },
          { returnDocument: 'after', session },
        )
        .lean<Invitation>();
      return revoked ?? undefined;
    },

    async withdrawOf(of, session) {
      await invitations.updateMany({ ...of, ...isPending() }, { $set: { revokedAt: now() } }, { session });
    },
  };
}
