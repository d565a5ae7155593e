import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Project } from '../../schema/project.js';
import { isAdmin } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import { PageArgs } from '../paging/page.js';
import { ProjectConnection } from './project-connection.js';
import type { ProjectStore } from './project-store.js';
import { Viewer, ViewerKind } from './viewer.js';

/** Who is asking, and the projects they see. */
@Resolver()
export class ProjectResolver {
  constructor(private readonly deps: { projects: ProjectStore }) {}

  @Query(() => Viewer, { description: 'Who is asking: their organization, project and scopes.' })
  async viewer(@Ctx() { caller }: GatewayContext): Promise<Viewer> {
    const { projects } = this.deps;
    const [only] = caller.grants.length === 1 ? caller.grants : [];
    const [organization, project] = await Promise.all([
      only?.organizationId === undefined ? null : projects.organization(only.organizationId),
      only?.projectId === undefined ? null : projects.find(only.projectId, caller),
    ]);
    return {
      kind: caller.kind === 'USER' ? ViewerKind.USER : ViewerKind.API_KEY,
      organization,
      project,
      scopes: [...new Set(caller.grants.flatMap(({ permissions }) => permissions))],
      roles: isAdmin(caller) ? ['SUPER_ADMIN'] : [],
    };
  }

  @Query(() => Project, { nullable: true, description: "Null when missing or not the caller's." })
  async project(@Arg('id', () => ID) id: string, @Ctx() { caller }: GatewayContext): Promise<Project | null> {
    return (await this.deps.projects.find(id, caller)) ?? null;
  }

  @Query(() => ProjectConnection, {
    description: 'Projects the caller sees, the newest first. Errors: BAD_USER_INPUT (first, after).',
  })
  projects(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { caller }: GatewayContext,
  ): Promise<ProjectConnection> {
    return this.deps.projects.page(page, caller);
  }
}
