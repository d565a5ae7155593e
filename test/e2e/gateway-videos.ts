import type { Database } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import type { StoredProgress } from '../../schema/video-progress.js';
import { Video } from '../../schema/video.js';
import type { Tenant } from './gateway-fixture.js';

/** Stores a video that is being processed, or as `change` says. Returns its id. */
export async function storeVideo(
  db: Database,
  tenant: Omit<Tenant, 'key'>,
  change: Partial<Video> = {},
): Promise<string> {
  const video: Partial<Video> & { _id: string } = {
    _id: newId('video'),
    organizationId: tenant.organizationId,
    projectId: tenant.projectId,
    title: 'A film',
    generation: 1,
    uploadStatus: 'RECEIVED',
    status: 'PROCESSING',
    playable: false,
    progress: progressAt(new Date()),
    ...change,
  };
  await db.model(Video).create(video);
  return video._id;
}

/** Progress of a video that is being transcoded, as of `at`. */
export const progressAt = (at: Date): StoredProgress => ({
  sequence: 2,
  stage: 'TRANSCODING',
  percent: 10,
  playableSeconds: 0,
  renditions: [],
  workers: 1,
  at,
});
