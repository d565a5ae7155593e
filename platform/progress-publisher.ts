import { encodeProgress, topics } from '../schema/messages.js';
import { progressOf, type ProgressSource } from '../schema/video-progress.js';
import type { Publisher } from './kafka/publisher.js';

/**
 * Tells every gateway how far a video is, as it was just stored. A message that is lost is healed by
 * the gateways from the database.
 */
export async function publishProgress(
  publisher: Publisher,
  video: ProgressSource & { projectId: string },
  queuePosition?: number,
): Promise<void> {
  const value = encodeProgress(video.projectId, progressOf(video, queuePosition));
  await publisher.publish(topics.progress, [{ key: video._id, value }]);
}
