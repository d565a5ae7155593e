import type { Generations } from '../../platform/generations.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Broker } from '../../platform/kafka/broker.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import { processorGroup, topics } from '../../schema/messages.js';
import type { OrganizationStore } from '../organizations/organization-store.js';
import { AdminResolver } from './admin-resolver.js';
import { createAuditLog } from './audit-log.js';
import { AuditResolver } from './audit-resolver.js';
import { ControlResolver } from './control-resolver.js';
import { createControlStore } from './control-store.js';
import { DeadLetterResolver } from './dead-letter-resolver.js';
import { createDeadLetterStore } from './dead-letter-store.js';
import { JobTimelineResolver } from './job-timeline-resolver.js';
import { createJobTimelineStore } from './job-timeline-store.js';
import { createProcessingStatsStore } from './processing-stats-store.js';
import { createQueueStatsStore } from './queue-stats-store.js';
import { createReplayService } from './replay-service.js';
import { createStatsSource } from './stats-source.js';
import { createStatsTicker } from './stats-ticker.js';
import { createWorkerStatsStore } from './worker-stats-store.js';

/** A query of an administrator may keep the database busy for this long, milliseconds. */
const MAX_TIME_MS = 5_000;

/** Everything behind the administrators' operations, wired. */
export function createAdminServices(deps: {
  db: Database;
  broker: Pick<Broker, 'lag'>;
  publisher: Publisher;
  queue: JobQueue;
  generations: Generations;
  organizations: Pick<OrganizationStore, 'find'>;
  log: Logger;
}) {
  const { db, queue, organizations, log } = deps;
  const bounded = { db, maxTimeMs: MAX_TIME_MS };
  const audit = createAuditLog({ db });
  const control = createControlStore({ db, queue });
  const workers = createWorkerStatsStore(bounded);
  const letters = createDeadLetterStore({ db });
  const source = createStatsSource({
    ...{ workers, control, deadLetters: letters },
    queue: createQueueStatsStore(bounded),
    processing: createProcessingStatsStore(bounded),
    lag: () => deps.broker.lag(topics.processing, processorGroup),
  });
  const timelines = createJobTimelineStore({ ...bounded, control, workers });

  return {
    audit,
    source,
    ticker: createStatsTicker({ source, log }),
    resolvers: {
      admin: new AdminResolver({ source }),
      audit: new AuditResolver({ audit, organizations }),
      control: new ControlResolver({ control, workers, audit }),
      deadLetters: new DeadLetterResolver({
        ...{ letters, audit, service: createReplayService({ ...deps, letters }) },
      }),
      jobTimeline: new JobTimelineResolver({ timelines }),
    },
  };
}
