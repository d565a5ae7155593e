import { createBlobRemovals } from '../../platform/blob-removals.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import { sourceKey } from '../../schema/blob-paths.js';
import { RemovalContainer } from '../../schema/blob-removal.js';
import { UploadStatus, VideoStatus } from '../../schema/enums.js';
import { keepsSources, Project } from '../../schema/project.js';
import { Video } from '../../schema/video.js';
import type { DeleteService } from '../videos/delete-service.js';

/** A project is looked at again after this time, seconds. */
const PAUSE_SECONDS = 60;

/** Projects looked at in one sweep, and videos or sources of one that go in it, at most. */
const MAX_PROJECTS = 20;
const BATCH = 50;

const DAY_MS = 86_400_000;

/**
 * Deletes videos that are older than their project keeps them, and removes sources that it does not keep. Any number
 * of gateways may sweep: each takes another project, and each video goes once. Resolves to how many went.
 */
export function createRetentionSweep(deps: {
  db: Database;
  deletes: Pick<DeleteService, 'remove'>;
  log: Logger;
}): () => Promise<number> {
  const { db, deletes, log } = deps;
  const projects = db.model(Project);
  const videos = db.model(Video);
  const removals = createBlobRemovals(deps);
  const later = { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: PAUSE_SECONDS } };

  /** One that is due, and nobody else's until its pause is over. */
  const take = () =>
    projects
      .findOneAndUpdate(
        { $expr: { $lte: ['$retentionAt', '$$NOW'] }, retentionAt: { $exists: true } },
        [{ $set: { retentionAt: later } }],
        { sort: { retentionAt: 1 }, updatePipeline: true, timestamps: false },
      )
      .lean<Project>();

  async function deleteOld({ _id: projectId, deleteAfterDays }: Project): Promise<number> {
    if (deleteAfterDays == null) return 0;
    const createdAt = { $lt: new Date(Date.now() - deleteAfterDays * DAY_MS) };
    const old = await videos
      .find({ projectId, createdAt }, { _id: 1 })
      .sort({ createdAt: 1, _id: 1 })
      .limit(BATCH)
      .lean<Pick<Video, '_id'>[]>();
    let deleted = 0;
    for (const { _id: videoId } of old) {
      if (!(await deletes.remove(videoId))) continue;
      log.info({ videoId, projectId, deleteAfterDays }, 'video deleted: it is kept no longer');
      deleted += 1;
    }
    return deleted;
  }

  /** READY, of this project, and with its source still there. */
  const unwanted = (projectId: string) => ({
    ...{ projectId, sourceRemovedAt: null, status: VideoStatus.READY },
    uploadStatus: UploadStatus.RECEIVED,
  });

  async function removeSources(project: Project): Promise<number> {
    if (keepsSources(project)) return 0;
    const condition = unwanted(project._id);
    const found = await videos.find(condition, { _id: 1 }).limit(BATCH).lean<Pick<Video, '_id'>[]>();
    for (const { _id } of found) {
      await db.transaction(async (session) => {
        const set = { $set: { sourceRemovedAt: new Date() } };
        // It may be made anew meanwhile, and then needs it.
        const { matchedCount } = await videos.updateOne({ ...condition, _id }, set, { session });
        if (matchedCount === 0) return;
        const wanted = { container: RemovalContainer.UPLOADS, prefix: sourceKey(_id), windowMs: 0 };
        await removals.add(wanted, session);
      });
    }
    return found.length;
  }

  return async () => {
    let gone = 0;
    for (let taken = 0; taken < MAX_PROJECTS; taken += 1) {
      const project = await take();
      if (!project) break;
      const [videosGone, sourcesGone] = [await deleteOld(project), await removeSources(project)];
      gone += videosGone + sourcesGone;
      // Where there may be more, it is nobody's turn to wait.
      if (videosGone < BATCH && sourcesGone < BATCH) continue;
      const { _id } = project;
      await projects.updateOne(
        { _id, retentionAt: { $exists: true } },
        [{ $set: { retentionAt: '$$NOW' } }],
        {
          updatePipeline: true,
        },
      );
    }
    return gone;
  };
}
