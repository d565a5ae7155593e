import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import type { Job } from '../../schema/job.js';
import type { JobStore } from '../pool/job-store.js';
import type { JobContext, JobHandler } from '../pool/run-job.js';
import type { CaptionFiles } from './caption-files.js';
import type { CaptionsState } from './captions-state.js';
import type { ChunkResultStore } from './chunk-result-store.js';
import type { PlaylistPublisher } from './publish-playlists.js';

/** Changes of the captions in a row, each while the one before was being published. */
const MAX_ROUNDS = 5;

/**
 * CAPTIONS: writes the files of a finished film's captions, and its master playlist anew. It ends its claim in
 * the transaction that finds that the video still has the captions that it has published; else it goes on with
 * the new ones. Whatever becomes of it, the video stays READY.
 */
export function createPublishCaptions(deps: {
  db: Database;
  store: Pick<JobStore, 'complete'>;
  state: CaptionsState;
  files: CaptionFiles;
  results: ChunkResultStore;
  publisher: Pick<PlaylistPublisher, 'caption'>;
}): JobHandler {
  const { db, store, state } = deps;

  /** Returns whether the job is done. */
  async function publish(job: Job, { signal, log }: JobContext): Promise<boolean> {
    const film = await state.finishedFilm(job);
    const { plan, captions } = film ?? {};
    if (plan && captions) {
      const published = await deps.files.publish(job, { plan, captions }, signal);
      await deps.publisher.caption(job, plan, await deps.results.done(job), published);
    }
    return db.transaction(async (session) => {
      if (captions && !(await state.published(job, captions.revision, session))) return false;
      await store.complete(job, undefined, session);
      log.info({ tracks: captions?.tracks.length ?? 0 }, 'captions published');
      return true;
    });
  }

  return async (job, context) => {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (await publish(job, context)) return;
    }
    throw new AppError(
      'CONFLICT',
      {},
      { cause: new Error('the captions change faster than they are published') },
    );
  };
}
