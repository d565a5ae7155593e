import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { ProcessingStage, UploadStatus, VideoStatus } from '../../schema/enums.js';
import { newId } from '../../schema/ids.js';
import type { Project } from '../../schema/project.js';
import { Video } from '../../schema/video.js';
import type { StorageLeft } from '../limits/quota.js';
import type { UploadQuota } from '../limits/upload-quota.js';

/** How long an upload counts as alive after its receiver was last heard of, milliseconds. */
export const UPLOAD_LEASE_MS = 30_000;

export interface NewUpload {
  project: Project;
  title: string;
  /** What is known of the size of its file. */
  leastBytes?: number;
}

export interface BegunUpload {
  video: Video;
  /** What it may store, where that is limited. */
  storageLeft?: StorageLeft;
}

export interface ReceivedFile {
  filename: string;
  sizeBytes: number;
}

/** Videos while their source arrives. */
export interface UploadStore {
  /** A new video that is being received, under a lease. @throws AppError QUOTA_EXCEEDED (limit, max, used) */
  begin(upload: NewUpload): Promise<BegunUpload>;
  /** False where the upload was given up, or its video stopped. */
  renewLease(videoId: string): Promise<boolean>;
  /**
   * RECEIVING → RECEIVED; undefined where the upload was given up in the meantime.
   * @throws AppError QUOTA_EXCEEDED (limit, max, used) where other uploads were received before it.
   */
  markReceived(videoId: string, file: ReceivedFile, session: ClientSession): Promise<Video | undefined>;
  /** Gives an upload up, unless it was received. Returns the video if it was received after all. */
  abandon(videoId: string): Promise<Video | undefined>;
  /** Removes a video that was given up; one that was stopped stays, as such. */
  remove(videoId: string): Promise<void>;
  isStopped(videoId: string): Promise<boolean>;
  /** Ids of uploads whose receiver is dead, or that were given up and not removed. */
  listAbandoned(limit: number): Promise<string[]>;
}

const unfinished = { $in: [UploadStatus.RECEIVING, UploadStatus.FAILED] };

export function createUploadStore(deps: {
  db: Database;
  quota: UploadQuota;
  now?: () => number;
}): UploadStore {
  const { quota } = deps;
  const videos = deps.db.model(Video);
  const now = deps.now ?? Date.now;
  const leaseUntil = () => new Date(now() + UPLOAD_LEASE_MS);

  async function create({ project, title }: NewUpload, session?: ClientSession): Promise<Video> {
    const begun = {
      _id: newId('video'),
      organizationId: project.organizationId,
      projectId: project._id,
      title,
      generation: 1,
      uploadStatus: UploadStatus.RECEIVING,
      status: VideoStatus.QUEUED,
      playable: false,
      renditions: [],
      progress: { sequence: 1, stage: ProcessingStage.UPLOADING, at: new Date(now()) },
      uploadLeaseUntil: leaseUntil(),
    };
    const [video] = await videos.create([begun], { session });
    if (!video) throw new Error('the video was not stored');
    return video.toObject<Video>();
  }

  return {
    async begin(upload) {
      const { organizationId } = upload.project;
      const measured = { organizationId, leastBytes: upload.leastBytes };
      const { begun, storageLeft } = await quota.begin(measured, (session) => create(upload, session));
      return { video: begun, storageLeft };
    },

    async renewLease(videoId) {
      const { matchedCount } = await videos.updateOne(
        { _id: videoId, uploadStatus: UploadStatus.RECEIVING },
        { $set: { uploadLeaseUntil: leaseUntil() } },
        { timestamps: false },
      );
      return matchedCount === 1;
    },

    async markReceived(videoId, file, session) {
      const video = await videos
        .findOneAndUpdate(
          { _id: videoId, uploadStatus: UploadStatus.RECEIVING },
          {
            $set: {
              uploadStatus: UploadStatus.RECEIVED,
              source: file,
              'progress.stage': ProcessingStage.QUEUED,
              'progress.at': new Date(now()),
              queuedAt: new Date(now()),
              receivedAt: new Date(now()),
            },
            $inc: { 'progress.sequence': 1 },
            $unset: { uploadLeaseUntil: 1 },
          },
          { returnDocument: 'after', session },
        )
        .lean<Video>();
      if (!video) return undefined;
      await quota.checkStored(video.organizationId, session);
      return video;
    },

    async abandon(videoId) {
      await videos.updateOne(
        { _id: videoId, uploadStatus: unfinished },
        { $set: { uploadStatus: UploadStatus.FAILED, uploadLeaseUntil: new Date(0) } },
      );
      const received = { _id: videoId, uploadStatus: { $ne: UploadStatus.FAILED } };
      return (await videos.findOne(received).lean<Video>()) ?? undefined;
    },

    async remove(videoId) {
      const failed = { _id: videoId, uploadStatus: UploadStatus.FAILED };
      await videos.deleteOne({ ...failed, status: { $ne: VideoStatus.STOPPED } });
      await videos.updateOne(failed, { $unset: { uploadLeaseUntil: 1 } });
    },

    async isStopped(videoId) {
      return (await videos.exists({ _id: videoId, status: VideoStatus.STOPPED })) !== null;
    },

    async listAbandoned(limit) {
      const found = await videos
        .find({ uploadLeaseUntil: { $lt: new Date(now()) }, uploadStatus: unfinished }, { _id: 1 })
        .limit(limit)
        .lean<Pick<Video, '_id'>[]>();
      return found.map(({ _id }) => _id);
    },
  };
}
