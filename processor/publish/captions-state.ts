import type { ClientSession } from 'mongoose';
import type { CaptionsJobs } from '../../platform/captions/captions-jobs.js';
import type { GenerationRef } from '../../platform/generations.js';
import type { Database } from '../../platform/mongo.js';
import { type CaptionSet, noCaptions } from '../../schema/captions.js';
import { VideoStatus } from '../../schema/enums.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { Video } from '../../schema/video.js';

/** Which captions a video has, and which of them are published. */
export interface CaptionsState {
  /** Those it has now. */
  of(videoId: string): Promise<CaptionSet>;
  /** A finished film with its captions; undefined where that generation is not READY, or no more. */
  finishedFilm(ref: GenerationRef): Promise<{ plan: TranscodePlan; captions: CaptionSet } | undefined>;
  /** Notes that a revision is published; false where the video has a newer one, or is of another generation. */
  published(ref: GenerationRef, revision: number, session: ClientSession): Promise<boolean>;
  /** Notes that the captions of now could not be published. */
  failed(ref: GenerationRef, session: ClientSession): Promise<void>;
  /**
   * Within the transaction that makes a video READY, whose master lists those of `revision`: notes that, or queues
   * what is still to be done. Returns the ids of jobs to hint.
   */
  settle(video: Video, revision: number, session: ClientSession): Promise<string[]>;
}

export function createCaptionsState(deps: { db: Database; jobs: CaptionsJobs }): CaptionsState {
  const videos = deps.db.model(Video);

  async function published(
    { videoId, generation }: GenerationRef,
    revision: number,
    session: ClientSession,
  ): Promise<boolean> {
    const { matchedCount } = await videos.updateOne(
      { _id: videoId, generation, 'captions.revision': revision },
      { $set: { 'captions.publishedRevision': revision } },
      { session },
    );
    return matchedCount === 1;
  }

  return {
    published,

    async of(videoId) {
      const video = await videos.findById(videoId, { captions: 1 }).lean();
      return video?.captions ?? noCaptions;
    },

    async finishedFilm({ videoId, generation }) {
      const video = await videos
        .findOne({ _id: videoId, generation, status: VideoStatus.READY }, { captions: 1, plan: 1 })
        .lean();
      return video?.plan && { plan: video.plan, captions: video.captions ?? noCaptions };
    },

    async failed({ videoId, generation }, session) {
      await videos.updateOne(
        { _id: videoId, generation, captions: { $exists: true } },
        [{ $set: { 'captions.failedRevision': '$captions.revision' } }],
        { session, updatePipeline: true },
      );
    },

    async settle(video, revision, session) {
      const { _id: videoId, generation, captions = noCaptions } = video;
      if (captions.revision === 0) return [];
      if (await published({ videoId, generation }, revision, session)) return [];
      return deps.jobs.queue(video, session);
    },
  };
}
