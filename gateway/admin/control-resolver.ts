import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { Priority } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { Video } from '../../schema/video.js';
import type { GatewayContext } from '../context.js';
import type { AuditLog } from './audit-log.js';
import type { ControlStore } from './control-store.js';
import { ProcessingControl } from './control-types.js';
import type { WorkerStatsStore } from './worker-stats-store.js';
import { WorkerStats } from './worker-types.js';

/** Who works, whether, and on what first: for administrators. */
@Resolver()
export class ControlResolver {
  constructor(
    private readonly deps: {
      control: ControlStore;
      workers: Pick<WorkerStatsStore, 'drain'>;
      audit: Pick<AuditLog, 'record'>;
    },
  ) {}

  @Mutation(() => WorkerStats, {
    description:
      'Lets a worker end what it has and take nothing new, or, with drain false, go on. Errors: NOT_FOUND where ' +
      'it is not alive.',
  })
  drainWorker(
    @Arg('id', () => ID) id: string,
    @Arg('drain', () => Boolean, { defaultValue: true }) drain: boolean,
    @Ctx() context: GatewayContext,
  ): Promise<WorkerStats> {
    const { audit, workers } = this.deps;
    return audit.record({ action: 'drainWorker', target: id, details: { drain } }, context, async () => {
      const worker = await workers.drain(id, drain);
      if (!worker) throw new AppError('NOT_FOUND');
      return worker;
    });
  }

  @Mutation(() => ProcessingControl, {
    description: 'Gives out no more work, in the whole installation. What is being done is ended.',
  })
  pauseProcessing(@Ctx() context: GatewayContext): Promise<ProcessingControl> {
    const { audit, control } = this.deps;
    return audit.record({ action: 'pauseProcessing' }, context, () => control.setPaused(true));
  }

  @Mutation(() => ProcessingControl, { description: 'Gives out work again.' })
  resumeProcessing(@Ctx() context: GatewayContext): Promise<ProcessingControl> {
    const { audit, control } = this.deps;
    return audit.record({ action: 'resumeProcessing' }, context, () => control.setPaused(false));
  }

  @Mutation(() => Video, {
    description:
      'Moves what a video has queued before or behind the others of its organization; other organizations ' +
      'keep their share. Errors: NOT_FOUND.',
  })
  setVideoPriority(
    @Arg('id', () => ID) id: string,
    @Arg('priority', () => Priority) priority: Priority,
    @Ctx() context: GatewayContext,
  ): Promise<Video> {
    const { audit, control } = this.deps;
    const act = { action: 'setVideoPriority', target: id, details: { priority } };
    return audit.record(act, context, () => control.setPriority(id, priority));
  }
}
