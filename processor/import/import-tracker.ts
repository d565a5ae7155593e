import type { GenerationRef } from '../../platform/generations.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { publishProgress } from '../../platform/progress-publisher.js';
import { awaitedUploads, ProcessingStage, unfinishedStatuses, UploadStatus } from '../../schema/enums.js';
import { UploadEntry } from '../../schema/upload-entry.js';
import { Video } from '../../schema/video.js';
import type { ImportProgress } from './import-source.js';

/** What is to be imported. */
export interface AwaitedImport {
  url: string;
  filename: string;
}

/** A video while its source is imported. Updates of a generation that has ended change nothing. */
export interface ImportTracker {
  /** From now on the source arrives; undefined where it is not awaited any more. */
  begin(ref: GenerationRef): Promise<AwaitedImport | undefined>;
  /** Stores and publishes how much has arrived. */
  arrived(ref: GenerationRef, progress: ImportProgress): Promise<void>;
}

export function createImportTracker(deps: { db: Database; publisher: Publisher }): ImportTracker {
  const videos = deps.db.model(Video);
  const uploads = deps.db.model(UploadEntry);

  async function change(
    { videoId, generation }: GenerationRef,
    { receivedBytes, totalBytes }: ImportProgress,
  ): Promise<Video | undefined> {
    const video = await videos
      .findOneAndUpdate(
        {
          ...{ _id: videoId, generation, status: { $in: [...unfinishedStatuses] } },
          uploadStatus: { $in: [...awaitedUploads] },
        },
        {
          $set: {
            uploadStatus: UploadStatus.RECEIVING,
            'progress.stage': ProcessingStage.UPLOADING,
            'progress.receivedBytes': receivedBytes,
            'progress.totalBytes': totalBytes ?? null,
          },
          $inc: { 'progress.sequence': 1 },
          $currentDate: { 'progress.at': true },
        },
        { returnDocument: 'after', projection: { importUrl: 1, ...progressFields } },
      )
      .lean<Video>();
    if (!video) return undefined;
    await publishProgress(deps.publisher, video);
    return video;
  }

  return {
    async begin(ref) {
      const entry = await uploads
        .findOneAndUpdate(
          { videoId: ref.videoId, status: { $in: [...awaitedUploads] } },
          { $set: { status: UploadStatus.RECEIVING }, $min: { startedAt: new Date() } },
        )
        .lean();
      if (!entry) return undefined;
      const video = await change(ref, { receivedBytes: 0 });
      return video?.importUrl ? { url: video.importUrl, filename: entry.filename } : undefined;
    },

    async arrived(ref, progress) {
      await change(ref, progress);
    },
  };
}

/** What an account of progress is made from. */
const progressFields = { generation: 1, uploadStatus: 1, status: 1, playable: 1, error: 1, progress: 1 };
