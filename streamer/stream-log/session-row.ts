import { trackLabel } from '../../platform/track-label.js';
import type { PlaybackSession, PlayedRendition, SessionPart } from '../../schema/playback-session.js';
import { isView, type LiveSession } from './live-session.js';

/** What a session's video tells of it. */
export interface VideoPlace {
  organizationId: string;
  projectId: string;
  /** Length of a segment, and of the film where it is known. */
  segmentSeconds: number;
  durationSeconds?: number;
}

/** One write of `bulkWrite`. */
export interface SessionWrite {
  updateOne: { filter: { _id: string }; update: Readonly<Record<string, object>>; upsert: true };
}

/** Id of a session that is to be stored; the sessions of one key are counted from 1. */
export const rowId = (key: string, ordinal: number): string => `${key}.${ordinal}`;

/**
 * Stores what this process has counted of a session, in absolute numbers beside those of other streamers; whoever
 * reads it sums up. So a write that is tried again changes nothing, whether it had arrived or not, and costs little.
 */
export function writeOf(session: LiveSession, ordinal: number, place: VideoPlace): SessionWrite {
  const { key, videoId, generation, viewer, client, sessionId, userId, address, userAgent, referrerHost } =
    session;
  const { organizationId, projectId } = place;
  const { requestedKbps, streamType } = session;
  const firstSeenAt = new Date(session.firstSeenAt);
  const facts = {
    ...{ organizationId, projectId, videoId, generation, key, ordinal, viewer, client },
    ...{ sessionId, userId, address, userAgent, referrerHost },
    day: firstSeenAt.toISOString().slice(0, 10),
  } satisfies Partial<PlaybackSession>;
  const part = defined(partOf(session, place));
  return {
    updateOne: {
      filter: { _id: rowId(key, ordinal) },
      update: {
        $setOnInsert: defined(facts),
        $min: { firstSeenAt },
        $max: { lastSeenAt: new Date(session.lastSeenAt), viewed: isView(session) },
        $set: { ...defined({ requestedKbps, streamType }), [`parts.${session.part}`]: part },
      },
      upsert: true,
    },
  };
}

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

function partOf(session: LiveSession, place: VideoPlace): SessionPart {
  const { segmentSeconds, durationSeconds = Infinity } = place;
  const seconds = (segments: number) => Math.min(segments * segmentSeconds, durationSeconds);
  const { report, bytes, starvations, starvedMs, urgentRequests } = session;
  return {
    bytes,
    // The sound beside a picture is of the same seconds.
    seconds: seconds(session.pictures.size || session.sounds.size),
    renditions: [...session.tracks].map(([track, counted]): PlayedRendition => ({
      name: trackLabel(track),
      bytes: counted.bytes,
      seconds: seconds(counted.segments),
    })),
    ...{ urgentRequests, starvations, starvedMs },
    ...report,
  };
}
