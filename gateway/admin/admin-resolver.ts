import { Query, Resolver, Root, Subscription } from 'type-graphql';
import type { GatewayContext } from '../context.js';
import { AdminStats } from './admin-types.js';
import type { StatsSource } from './stats-source.js';

/** The installation at a glance: for administrators. */
@Resolver()
export class AdminResolver {
  constructor(private readonly deps: { source: StatsSource }) {}

  @Query(() => AdminStats, { description: 'The installation as it is now, across all processes.' })
  adminStats(): Promise<AdminStats> {
    return this.deps.source.read();
  }

  @Subscription(() => AdminStats, {
    name: 'adminStats',
    description: 'The installation as it is, about once a second; starts with now.',
    subscribe: ({ context }: { context: GatewayContext }) => context.adminStats.subscribe(),
  })
  adminStatsTicks(@Root() stats: AdminStats): AdminStats {
    return stats;
  }
}
