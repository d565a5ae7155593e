import { Args, Query, Resolver } from 'type-graphql';
import type { JobTimelineStore } from './job-timeline-store.js';
import { JobsArgs, JobTimeline } from './job-timeline-types.js';

/** What is done for a video, job by job: for administrators. */
@Resolver()
export class JobTimelineResolver {
  constructor(private readonly deps: { timelines: JobTimelineStore }) {}

  @Query(() => [JobTimeline], {
    description:
      'The jobs of one generation of a video, in the order of the work, and why those that wait do. Errors: ' +
      'NOT_FOUND, BAD_USER_INPUT (generation).',
  })
  jobs(@Args(() => JobsArgs) args: JobsArgs): Promise<JobTimeline[]> {
    return this.deps.timelines.read(args);
  }
}
