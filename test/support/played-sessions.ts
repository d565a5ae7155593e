import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/mongo.js';
import { PlaybackSession } from '../../schema/playback-session.js';

/** Stores a session as a streamer does: a view that began when `change` says. Returns its id. */
export async function storeSession(
  db: Database,
  change: Partial<PlaybackSession> &
    Pick<PlaybackSession, 'organizationId' | 'projectId' | 'videoId' | 'firstSeenAt'>,
): Promise<string> {
  const key = randomUUID();
  const session: PlaybackSession = {
    ...{
      _id: `${key}.1`,
      key,
      ordinal: 1,
      viewer: randomUUID(),
      client: 'c',
      generation: 1,
      userAgent: 'VLC',
    },
    lastSeenAt: change.firstSeenAt,
    day: change.firstSeenAt.toISOString().slice(0, 10),
    ...{ viewed: true, bytes: 1_000, seconds: 8, rebuffers: 0, urgentRequests: 0 },
    renditions: [{ name: '360p', bytes: 1_000, seconds: 8 }],
    ...change,
  };
  await db.model(PlaybackSession).create(session);
  return session._id;
}
