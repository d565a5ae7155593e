import type { Database } from '../../platform/mongo.js';
import { Job, JobKind, JobState } from '../../schema/job.js';
import type { ChunkResult } from '../../schema/transcode-plan.js';
import type { GenerationRef } from '../../platform/generations.js';

/** What the finished chunk jobs of a generation have made. */
export interface ChunkResultStore {
  done(ref: GenerationRef): Promise<ChunkResult[]>;
}

export function createChunkResultStore(deps: { db: Database }): ChunkResultStore {
  const jobs = deps.db.model(Job);
  return {
    async done({ videoId, generation }) {
      const found = await jobs
        .find({ videoId, generation, kind: JobKind.CHUNK, state: JobState.DONE }, { result: 1 })
        .lean();
      return found.flatMap(({ result }) => (result ? [result] : []));
    },
  };
}
