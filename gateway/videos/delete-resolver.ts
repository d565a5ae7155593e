import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { Video } from '../../schema/video.js';
import type { GatewayContext } from '../context.js';
import type { DeleteService } from './delete-service.js';

/** Videos that go, and come back. */
@Resolver()
export class DeleteResolver {
  constructor(private readonly deps: { service: Pick<DeleteService, 'delete' | 'restore'> }) {}

  @Mutation(() => ID, {
    description:
      'Takes a video away, from any stage: nothing of it is found or played within seconds, and all its files go, at ' +
      'once or when it cannot be restored any more. Errors: NOT_FOUND.',
  })
  deleteVideo(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<string> {
    return this.deps.service.delete(id, context);
  }

  @Mutation(() => Video, {
    description:
      'Brings a deleted video back as it was, where this installation keeps it for a while; one that was being made ' +
      'is STOPPED. Errors: NOT_FOUND where it is not deleted, or gone for good.',
  })
  restoreVideo(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<Video> {
    return this.deps.service.restore(id, context);
  }
}
