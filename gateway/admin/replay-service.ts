import type { Generations, Restarted } from '../../platform/generations.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { publishProgress } from '../../platform/progress-publisher.js';
import { type DeadLetter, DeadLetterState } from '../../schema/dead-letter.js';
import { UploadStatus } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { Video } from '../../schema/video.js';
import type { DeadLetterStore } from './dead-letter-store.js';

/** What becomes of dead letters; whatever was decided once stays so. */
export interface ReplayService {
  /**
   * Begins the next generation of the letter's video; called again, answers the video as it is.
   * @throws AppError NOT_FOUND, CONFLICT (status) for one that is discarded, is about a message, or whose
   * video has not failed any more
   */
  replay(id: string): Promise<Video>;
  /** Leaves its video as it is. @throws AppError NOT_FOUND, CONFLICT (status) for one that is replayed */
  discard(id: string): Promise<DeadLetter>;
}

export function createReplayService(deps: {
  db: Database;
  letters: Pick<DeadLetterStore, 'find' | 'decide' | 'markReplayed'>;
  generations: Pick<Generations, 'restart'>;
  queue: Pick<JobQueue, 'hint'>;
  publisher: Publisher;
}): ReplayService {
  const { db, letters, generations, queue, publisher } = deps;
  const videos = db.model(Video);

  async function found(id: string): Promise<DeadLetter> {
    const letter = await letters.find(id);
    if (!letter) throw new AppError('NOT_FOUND');
    return letter;
  }

  async function videoOf(videoId: string): Promise<Video> {
    const video = await videos.findById(videoId).lean<Video>();
    if (!video) throw new AppError('NOT_FOUND', { message: 'The video of the dead letter is gone.' });
    return video;
  }

  /** Undefined where somebody else has decided meanwhile. */
  const restart = (id: string, videoId: string): Promise<Restarted | undefined> =>
    db.transaction(async (session) => {
      if (!(await letters.decide(id, DeadLetterState.REPLAYED, session))) return undefined;
      const restarted = await generations.restart(videoId, session);
      if (!restarted) throw notRestarted(await videoOf(videoId));
      await letters.markReplayed(id, restarted.video.generation, session);
      return restarted;
    });

  /** Nobody waits for the messages: with Kafka down, the work is found all the same. */
  function announce({ video, jobId }: Restarted): void {
    void queue.hint([jobId]);
    void publishProgress(publisher, video);
  }

  return {
    async replay(id) {
      const { videoId, state } = await found(id);
      if (videoId === undefined) throw aboutMessage();
      if (state === DeadLetterState.OPEN) {
        const restarted = await restart(id, videoId);
        if (restarted) announce(restarted);
        if (restarted) return restarted.video;
      }
      const decided = await found(id);
      if (decided.state === DeadLetterState.DISCARDED) throw decidedOtherwise(decided.state);
      return videoOf(videoId);
    },

    async discard(id) {
      const decided = (await letters.decide(id, DeadLetterState.DISCARDED)) ?? (await found(id));
      if (decided.state === DeadLetterState.REPLAYED) throw decidedOtherwise(decided.state);
      return decided;
    },
  };
}

const aboutMessage = (): AppError =>
  new AppError('CONFLICT', { message: 'The dead letter is about a message: there is no video to process.' });

const decidedOtherwise = (status: DeadLetterState): AppError =>
  new AppError('CONFLICT', { status, message: `The dead letter is ${status} already.` });

function notRestarted({ status, uploadStatus }: Video): AppError {
  const isReceived = uploadStatus === UploadStatus.RECEIVED;
  const why = isReceived ? 'only one that failed or was stopped is begun anew' : 'its source is not there';
  return new AppError('CONFLICT', { status, message: `The video is ${status}: ${why}.` });
}
