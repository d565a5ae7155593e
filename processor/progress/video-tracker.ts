import type { ClientSession } from 'mongoose';
import { endedProgress, type GenerationRef } from '../../platform/generations.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { publishProgress } from '../../platform/progress-publisher.js';
import { ProcessingStage, unfinishedStatuses, VideoStatus } from '../../schema/enums.js';
import { Job, JobKind } from '../../schema/job.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { Video, type Rendition, type VideoSource } from '../../schema/video.js';
import { summarizeJobs } from './summarize-jobs.js';
import { trackLabel } from '../../platform/track-label.js';

/** What publishing found to be playable. */
export interface PublishedState {
  playableSeconds: number;
  renditions: Rendition[];
}

/**
 * The video's own state while it is processed. Each change is one conditional update that also moves the
 * sequence on; its account is published afterwards, so subscribers never see what is not stored. Updates
 * of a generation that has ended change nothing and answer undefined.
 */
export interface VideoTracker {
  planning(ref: GenerationRef): Promise<Video | undefined>;
  planned(
    ref: GenerationRef,
    facts: { plan: TranscodePlan; source: Partial<VideoSource>; chunkJobs: number },
    session: ClientSession,
  ): Promise<Video | undefined>;
  /** Counts one chunk job as done. Conflicts with concurrent counts, so that exactly one sees the last. */
  chunkDone(ref: GenerationRef, session: ClientSession): Promise<Video | undefined>;
  /** Stores and publishes how far the chunk jobs are; at most about twice a second and video, unless `isDue`. */
  refresh(ref: GenerationRef, options?: { isDue: boolean }): Promise<void>;
  published(ref: GenerationRef, state: PublishedState): Promise<void>;
  finishing(ref: GenerationRef): Promise<void>;
  ready(ref: GenerationRef, state: PublishedState, session: ClientSession): Promise<Video | undefined>;
  /** The plan of a generation that is still being processed. */
  plan(ref: GenerationRef): Promise<TranscodePlan | undefined>;
  publish(video: Video | undefined): Promise<void>;
}

/** Accounts of running work are not stored more often than this, milliseconds. */
const REFRESH_INTERVAL_MS = 450;

const MAX_PERCENT_BEFORE_READY = 99;

export function createVideoTracker(deps: { db: Database; publisher: Publisher }): VideoTracker {
  const videos = deps.db.model(Video);
  const jobs = deps.db.model(Job);

  const publish = async (video: Video | undefined): Promise<void> => {
    if (video) await publishProgress(deps.publisher, video);
  };

  interface Change {
    set?: Record<string, unknown>;
    max?: Record<string, number>;
    min?: Record<string, Date>;
    inc?: Record<string, number>;
    session?: ClientSession;
    where?: Record<string, unknown>;
  }

  async function change(ref: GenerationRef, options: Change): Promise<Video | undefined> {
    const video = await videos
      .findOneAndUpdate(
        {
          _id: ref.videoId,
          generation: ref.generation,
          status: { $in: [...unfinishedStatuses] },
          ...options.where,
        },
        {
          $set: { status: VideoStatus.PROCESSING, ...options.set },
          $max: { 'progress.percent': 0, ...options.max },
          $inc: { 'progress.sequence': 1, ...options.inc },
          $currentDate: { 'progress.at': true },
          ...(options.min && { $min: options.min }),
        },
        { session: options.session, returnDocument: 'after' },
      )
      .lean();
    return video ?? undefined;
  }

  return {
    publish,

    async planning(ref) {
      const video = await change(ref, { set: { 'progress.stage': ProcessingStage.PLANNING } });
      await publish(video);
      return video;
    },

    planned(ref, { plan, source, chunkJobs }, session) {
      const facts = Object.entries(source).map(([name, value]) => [`source.${name}`, value]);
      return change(ref, {
        session,
        set: {
          plan,
          chunkJobsTotal: chunkJobs,
          chunkJobsDone: 0,
          'progress.stage': ProcessingStage.TRANSCODING,
          ...(Object.fromEntries(facts) as Record<string, unknown>),
        },
      });
    },

    chunkDone: (ref, session) => change(ref, { session, inc: { chunkJobsDone: 1 } }),

    async refresh(ref, { isDue } = { isDue: false }) {
      const quietSince = new Date(Date.now() - REFRESH_INTERVAL_MS);
      const quiet = isDue ? {} : { 'progress.at': { $lt: quietSince } };
      const before = await videos.findOne({ _id: ref.videoId, ...quiet }, { progress: 1 }).lean();
      if (!before) return;
      const chunkJobs = await jobs
        .find(
          { videoId: ref.videoId, generation: ref.generation, kind: JobKind.CHUNK },
          { state: 1, cost: 1, framesDone: 1, framesPerSecond: 1, workerId: 1, chunk: 1 },
        )
        .lean();
      const { percent, tracks, workers, speed, etaSeconds } = summarizeJobs(chunkJobs, before.progress.speed);
      const video = await change(ref, {
        where: { 'progress.stage': ProcessingStage.TRANSCODING },
        max: { 'progress.percent': percent },
        set: {
          'progress.renditions': tracks.map((track) => ({
            name: trackLabel(track.name),
            percent: track.percent,
          })),
          'progress.workers': workers,
          'progress.speed': speed ?? null,
          'progress.etaSeconds': etaSeconds ?? null,
        },
      });
      await publish(video);
    },

    async published(ref, { playableSeconds, renditions }) {
      // The first time counts.
      const min = { playableAt: new Date() };
      const max = { 'progress.playableSeconds': playableSeconds };
      const plays = { set: { playable: true, renditions }, where: { served: null } };
      // Where an earlier generation is served, that one plays until this one is READY.
      await publish((await change(ref, { ...plays, min, max })) ?? (await change(ref, { min, max })));
    },

    async finishing(ref) {
      const video = await change(ref, {
        max: { 'progress.percent': MAX_PERCENT_BEFORE_READY },
        set: {
          'progress.stage': ProcessingStage.FINISHING,
          'progress.workers': 1,
          'progress.speed': null,
          'progress.etaSeconds': null,
        },
      });
      await publish(video);
    },

    ready: (ref, { playableSeconds, renditions }, session) =>
      change(ref, {
        session,
        max: { 'progress.percent': 100, 'progress.playableSeconds': playableSeconds },
        set: {
          status: VideoStatus.READY,
          playable: true,
          renditions,
          readyAt: new Date(),
          endedAt: new Date(),
          ...endedProgress,
          'progress.renditions': renditions.map(({ name }) => ({ name, percent: 100 })),
          'progress.etaSeconds': 0,
        },
      }),

    async plan({ videoId, generation }) {
      const video = await videos.findOne({ _id: videoId, generation }, { plan: 1 }).lean();
      return video?.plan;
    },
  };
}
