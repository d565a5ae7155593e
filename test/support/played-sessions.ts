import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/mongo.js';
import { PlaybackSession, type SessionPart } from '../../schema/playback-session.js';

type Facts = Pick<PlaybackSession, 'organizationId' | 'projectId' | 'videoId' | 'firstSeenAt'>;

/** Stores a session as a streamer does: a view that began when it says, in one part. Returns its id. */
export async function storeSession(
  db: Database,
  facts: Partial<PlaybackSession> & Facts,
  part: Partial<SessionPart> = {},
): Promise<string> {
  const key = randomUUID();
  const counted = { bytes: 1_000, seconds: 8, starvations: 0, urgentRequests: 0 };
  const session: Partial<PlaybackSession> & { _id: string } = {
    ...{
      _id: `${key}.1`,
      key,
      ordinal: 1,
      viewer: randomUUID(),
      client: 'c',
      generation: 1,
      userAgent: 'VLC',
    },
    lastSeenAt: facts.firstSeenAt,
    day: facts.firstSeenAt.toISOString().slice(0, 10),
    viewed: true,
    parts: { p: { ...counted, renditions: [{ name: '360p', bytes: 1_000, seconds: 8 }], ...part } },
    ...facts,
  };
  await db.model(PlaybackSession).create(session);
  return session._id;
}
