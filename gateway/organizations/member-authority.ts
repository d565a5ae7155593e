import type { ClientSession } from 'mongoose';
import { type Caller, isAdmin } from '../auth/caller.js';
import type { Actor } from './member-rules.js';
import type { MemberStore } from './member-store.js';

/** Whoever changes the members of an organization, within the transaction that does it. */
export interface Authority {
  actor: Actor;
  session: ClientSession;
}

/** Lets a caller change the members of an organization as what they are there at that moment. */
export interface MemberAuthority {
  /** Runs `work` alone among the changes of this organization's members; it may run more than once. */
  change<T>(
    by: { caller: Caller; organizationId: string },
    work: (authority: Authority) => Promise<T>,
  ): Promise<T>;
}

export function createMemberAuthority(deps: {
  members: Pick<MemberStore, 'exclusively' | 'find'>;
}): MemberAuthority {
  const { members } = deps;

  return {
    change: ({ caller, organizationId }, work) =>
      members.exclusively(organizationId, async (session) => {
        // The caller's grants may be seconds old; who was just made less may not use them.
        const member =
          caller.kind === 'USER' ? await members.find(caller.id, organizationId, session) : undefined;
        return work({ actor: isAdmin(caller) ? 'SUPER_ADMIN' : member?.role, session });
      }),
  };
}
