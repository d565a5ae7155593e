import DataLoader from 'dataloader';
import type { FastifyBaseLogger } from 'fastify';
import type { Organization } from '../schema/organization.js';
import type { Project } from '../schema/project.js';
import type { User } from '../schema/user.js';
import type { StatsTicker } from './admin/stats-ticker.js';
import type { Caller } from './auth/caller.js';
import type { OrganizationStore } from './organizations/organization-store.js';
import type { UserLookup } from './organizations/user-lookup.js';
import type { SubscriptionQuota } from './limits/subscription-quota.js';
import type { PlaybackStatsStore } from './playback-log/playback-stats-store.js';
import type { ProgressSubscriptions } from './progress/progress-subscriptions.js';
import type { ProjectStore } from './projects/project-store.js';

/** Who sends an operation, and how it is called in the logs. */
export interface OperationOrigin {
  caller: Caller;
  requestId: string;
  /** Of the other end of the connection, as this process sees it. */
  address?: string;
  /** What the request says it has, its file included. */
  bodyBytes?: number;
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
}

/** What every resolver gets: its origin, and what lives as long as this one operation. */
export interface GatewayContext extends OperationOrigin {
  /** Batches the look-ups of one operation into one query. */
  projectById: DataLoader<string, Project | undefined>;
  organizationById: DataLoader<string, Organization | undefined>;
  userById: DataLoader<string, User | undefined>;
  viewsByVideoId: DataLoader<string, number>;
  progress: ProgressSubscriptions;
  adminStats: Pick<StatsTicker, 'subscribe'>;
  subscriptionQuota: Pick<SubscriptionQuota, 'takeForCaller'>;
}

export type ContextFactory = (origin: OperationOrigin) => GatewayContext;

export function createContextFactory(deps: {
  projects: Pick<ProjectStore, 'findMany'>;
  organizations: Pick<OrganizationStore, 'findMany'>;
  users: UserLookup;
  stats: Pick<PlaybackStatsStore, 'viewsOf'>;
  progress: ProgressSubscriptions;
  adminStats: Pick<StatsTicker, 'subscribe'>;
  subscriptionQuota: Pick<SubscriptionQuota, 'takeForCaller'>;
}): ContextFactory {
  const { projects, organizations, users, stats, ...shared } = deps;
  return (origin) => ({
    ...origin,
    ...shared,
    projectById: new DataLoader((ids) => projects.findMany(ids)),
    organizationById: new DataLoader((ids) => organizations.findMany(ids)),
    userById: new DataLoader((ids) => users.findMany(ids)),
    viewsByVideoId: new DataLoader((ids) => stats.viewsOf(ids)),
  });
}
