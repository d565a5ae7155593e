import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Organization } from '../../schema/organization.js';
import { PlaybackPolicy } from '../../schema/playback-policy.js';
import { keepsSources, Project } from '../../schema/project.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import { placeOf } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { OrganizationStore } from '../organizations/organization-store.js';
import { PageArgs } from '../paging/page.js';
import { requiredText } from '../videos/display-text.js';
import { ProjectConnection } from './project-connection.js';
import { CreateProjectArgs, UpdateProjectArgs } from './project-inputs.js';
import type { ProjectChange, ProjectStore } from './project-store.js';

/** Projects: read, listed, made, changed. */
@Resolver(() => Project)
export class ProjectResolver {
  constructor(
    private readonly deps: {
      projects: ProjectStore;
      organizations: Pick<OrganizationStore, 'find'>;
      acts: PlacedActs;
    },
  ) {}

  @FieldResolver(() => Organization)
  async organization(
    @Root() { organizationId }: Project,
    @Ctx() { organizationById }: GatewayContext,
  ): Promise<Organization> {
    const organization = await organizationById.load(organizationId);
    if (!organization) throw new AppError('NOT_FOUND');
    return organization;
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the sources of its videos stay once these are READY, to make them anew.',
  })
  keepSource(@Root() project: Project): boolean {
    return keepsSources(project);
  }

  @FieldResolver(() => PlaybackPolicy)
  playbackPolicy(@Root() project: Project): PlaybackPolicy {
    return project.playbackPolicy ?? PlaybackPolicy.SIGNED;
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

  @Mutation(() => Project, {
    description: 'A new project of an organization. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (name).',
  })
  async createProject(
    @Args(() => CreateProjectArgs) { organizationId, ...args }: CreateProjectArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Project> {
    const { acts, organizations, projects } = this.deps;
    const name = requiredText('name', args.name);
    const found = await organizations.find(organizationId, context.caller);
    const act = {
      ...{ action: 'createProject', target: organizationId, details: { name } },
      ...{ place: found && { organizationId }, permission: 'project:write' as const },
    };
    return acts.record(
      act,
      context,
      () => projects.create({ organizationId, name }),
      ({ _id: projectId }) => ({ projectId }),
    );
  }

  @Mutation(() => Project, {
    description:
      'Renames a project, or changes what is kept of its videos and who may play them. Errors: NOT_FOUND, FORBIDDEN, ' +
      'BAD_USER_INPUT (name, deleteAfterDays, playbackOrigins).',
  })
  async updateProject(
    @Args(() => UpdateProjectArgs) { id, ...args }: UpdateProjectArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Project> {
    const { acts, projects } = this.deps;
    const change: ProjectChange = {
      name: args.name == null ? undefined : requiredText('name', args.name),
      keepSource: args.keepSource ?? undefined,
      deleteAfterDays: args.deleteAfterDays,
      playbackPolicy: args.playbackPolicy ?? undefined,
      playbackOrigins: args.playbackOrigins?.map(requireOrigin) ?? args.playbackOrigins,
    };
    const found = await projects.find(id, context.caller);
    const act = {
      ...{ action: 'updateProject', target: id, details: { ...change } },
      ...{ place: found && placeOf(found), permission: 'project:write' as const },
    };
    return acts.record(act, context, async () => {
      const changed = await projects.update(id, change, context.caller);
      if (!changed) throw new AppError('NOT_FOUND');
      return changed;
    });
  }
}

/** As browsers send it. */
function requireOrigin(text: string): string {
  const url = URL.parse(text);
  if (url && ['http:', 'https:'].includes(url.protocol) && [url.origin, `${url.origin}/`].includes(text))
    return url.origin;
  throw new AppError('BAD_USER_INPUT', {
    field: 'playbackOrigins',
    message: 'playbackOrigins must be origins: https://www.example.com.',
  });
}
