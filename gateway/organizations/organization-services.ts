import type { Database } from '../../platform/mongo.js';
import type { AuditLog } from '../admin/audit-log.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import type { Mailer } from '../identity/mailer.js';
import type { OneTimeTokens } from '../identity/one-time-tokens.js';
import { InvitationResolver } from './invitation-resolver.js';
import { createInvitationStore } from './invitation-store.js';
import { createInvitations } from './invitations.js';
import { createMemberAuthority } from './member-authority.js';
import { createMemberChanges } from './member-changes.js';
import { MemberResolver } from './member-resolver.js';
import { createMemberStore } from './member-store.js';
import { OrganizationFieldsResolver } from './organization-fields-resolver.js';
import { OrganizationResolver } from './organization-resolver.js';
import type { OrganizationStore } from './organization-store.js';

/** Everything behind the operations on organizations and their members, wired. */
export function createOrganizationServices(deps: {
  db: Database;
  organizations: OrganizationStore;
  audit: Pick<AuditLog, 'record'>;
  acts: PlacedActs;
  tokens: OneTimeTokens;
  mailer: Mailer;
  publicAppUrl: string;
}) {
  const { db, organizations, audit, acts } = deps;
  const members = createMemberStore({ db });
  const authority = createMemberAuthority({ members });
  const store = createInvitationStore({ db });
  const invitations = createInvitations({ ...deps, store, members, authority });
  const changes = createMemberChanges({ members, authority, invitations: store });

  return {
    members,
    invitations,
    resolvers: {
      organization: new OrganizationResolver({ organizations, audit, acts }),
      organizationFields: new OrganizationFieldsResolver({ members, invitations: store }),
      member: new MemberResolver({ organizations, changes, acts }),
      invitation: new InvitationResolver({ organizations, store, invitations, audit, acts }),
    },
  };
}
