import { Ctx, FieldResolver, Query, Resolver } from 'type-graphql';
import { Membership } from '../../schema/membership.js';
import { User } from '../../schema/user.js';
import { type Caller, isAdmin } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { MemberStore } from '../organizations/member-store.js';
import type { ProjectStore } from './project-store.js';
import { Viewer, ViewerKind } from './viewer.js';

const isUser = ({ kind }: Caller): boolean => kind === 'USER';

/** Who is asking. */
@Resolver(() => Viewer)
export class ViewerResolver {
  constructor(
    private readonly deps: {
      projects: Pick<ProjectStore, 'find'>;
      members: Pick<MemberStore, 'ofUser'>;
    },
  ) {}

  @Query(() => Viewer, { description: 'Who is asking: their organization, project and scopes.' })
  async viewer(@Ctx() { caller, organizationById }: GatewayContext): Promise<Viewer> {
    const [only] = caller.grants.length === 1 ? caller.grants : [];
    const [organization, project] = await Promise.all([
      only?.organizationId === undefined ? null : organizationById.load(only.organizationId),
      only?.projectId === undefined ? null : this.deps.projects.find(only.projectId, caller),
    ]);
    return {
      kind: isUser(caller) ? ViewerKind.USER : ViewerKind.API_KEY,
      organization,
      project,
      scopes: [...new Set(caller.grants.flatMap(({ permissions }) => permissions))],
      roles: isAdmin(caller) ? ['SUPER_ADMIN'] : [],
    };
  }

  @FieldResolver(() => User, { nullable: true, description: 'Null for an API key.' })
  async user(@Ctx() { caller, userById }: GatewayContext): Promise<User | null> {
    return isUser(caller) ? ((await userById.load(caller.id)) ?? null) : null;
  }

  @FieldResolver(() => [Membership], { description: 'Of the user, the oldest first; none for an API key.' })
  async memberships(@Ctx() { caller }: GatewayContext): Promise<Membership[]> {
    return isUser(caller) ? this.deps.members.ofUser(caller.id) : [];
  }
}
