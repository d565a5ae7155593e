import { Args, ArgsType, Ctx, Field, FieldResolver, Float, ID, Query, Resolver, Root } from 'type-graphql';
import { averageSpeed, UploadEntry } from '../../schema/upload-entry.js';
import type { GatewayContext } from '../context.js';
import { PageArgs } from '../paging/page.js';
import type { ProjectStore } from '../projects/project-store.js';
import { requireProject } from '../projects/require-project.js';
import { UploadConnection } from './upload-connection.js';
import type { UploadLog } from './upload-log.js';

@ArgsType()
export class UploadsArgs extends PageArgs {
  @Field(() => ID)
  projectId!: string;
}

/** The upload log: read by project. */
@Resolver(() => UploadEntry)
export class UploadLogResolver {
  constructor(private readonly deps: { projects: ProjectStore; log: UploadLog }) {}

  @Query(() => UploadConnection, {
    description:
      'Source files that came into a project, or were to. Errors: NOT_FOUND, BAD_USER_INPUT (first, after).',
  })
  async uploads(
    @Args(() => UploadsArgs) args: UploadsArgs,
    @Ctx() { caller }: GatewayContext,
  ): Promise<UploadConnection> {
    await requireProject(this.deps.projects, args.projectId, { caller, permission: 'video:read' });
    return this.deps.log.page(args.projectId, args);
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Bytes a second, from its start to its end.' })
  averageBytesPerSecond(@Root() upload: UploadEntry): number | null {
    return averageSpeed(upload);
  }
}
