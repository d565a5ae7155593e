import { trackLabel } from '../../platform/track-label.js';
import type { PlayedRendition, SessionPart } from '../../schema/playback-session.js';
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
  updateOne: { filter: { _id: string }; update: object[]; upsert: true };
}

/** Id of a session that is to be stored; the sessions of one key are counted from 1. */
export const rowId = (key: string, ordinal: number): string => `${key}.${ordinal}`;

/**
 * Stores what this process has counted of a session, in absolute numbers beside those of other streamers, and sums
 * up anew. So a write that is tried again changes nothing, whether it had arrived or not.
 */
export function writeOf(session: LiveSession, ordinal: number, place: VideoPlace): SessionWrite {
  const { key, videoId, generation, viewer, client, sessionId, userId, address, userAgent, referrerHost } =
    session;
  const { organizationId, projectId } = place;
  const facts = { organizationId, projectId, videoId, generation, key, ordinal, viewer, client };
  const seenFirst = { sessionId, userId, address, userAgent, referrerHost };
  const told = {
    ...{ requestedKbps: session.requestedKbps, streamType: session.streamType },
    urgentRequests: session.urgentRequests,
  };
  const part = `parts.${session.part}`;
  return {
    updateOne: {
      filter: { _id: rowId(key, ordinal) },
      update: [
        {
          $set: {
            ...literals({ ...facts, ...told }),
            ...Object.fromEntries(
              Object.entries(literals(seenFirst)).map(([name, value]) => [
                name,
                { $ifNull: [`$${name}`, value] },
              ]),
            ),
            [part]: { $literal: defined(partOf(session, place)) },
          },
        },
        { $set: totals },
        { $set: { day: { $dateToString: { date: '$firstSeenAt', format: '%Y-%m-%d' } } } },
      ],
      upsert: true,
    },
  };
}

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Values as they are, whatever they look like: a user's id may begin with a dollar. */
const literals = (values: object): Record<string, { $literal: unknown }> =>
  Object.fromEntries(
    Object.entries(defined(values)).map(([name, value]) => [name, { $literal: value as unknown }]),
  );

function partOf(session: LiveSession, place: VideoPlace): SessionPart {
  const { segmentSeconds, durationSeconds = Infinity } = place;
  const seconds = (segments: number) => Math.min(segments * segmentSeconds, durationSeconds);
  const { report } = session;
  return {
    firstSeenAt: new Date(session.firstSeenAt),
    lastSeenAt: new Date(session.lastSeenAt),
    viewed: isView(session),
    bytes: session.bytes,
    // The sound beside a picture is of the same seconds.
    seconds: seconds(session.pictures.size || session.sounds.size),
    renditions: [...session.tracks].map(([track, { bytes, segments }]): PlayedRendition => ({
      name: trackLabel(track),
      bytes,
      seconds: seconds(segments),
    })),
    starvations: session.starvations,
    starvedMs: session.starvedMs,
    ...report,
  };
}

const parts = { $objectToArray: '$parts' };
const each = (field: string) => ({ $map: { input: parts, in: `$$this.v.${field}` } });
const sum = (field: string) => ({ $sum: each(field) });
/** null where no part has it. */
const largest = (field: string) => ({ $max: each(field) });

const renditions = {
  $let: {
    vars: {
      rows: {
        $reduce: {
          input: each('renditions'),
          initialValue: [],
          in: { $concatArrays: ['$$value', '$$this'] },
        },
      },
    },
    in: {
      $map: {
        input: { $sortArray: { input: { $setUnion: ['$$rows.name'] }, sortBy: 1 } },
        as: 'name',
        in: {
          name: '$$name',
          bytes: sumOfRows('bytes'),
          seconds: sumOfRows('seconds'),
        },
      },
    },
  },
};

function sumOfRows(field: 'bytes' | 'seconds') {
  const same = { $filter: { input: '$$rows', cond: { $eq: ['$$this.name', '$$name'] } } };
  return { $sum: { $map: { input: same, in: `$$this.${field}` } } };
}

/** Of all parts. Players that report say more than the flags of their requests do: the larger number counts. */
const totals = {
  firstSeenAt: { $min: each('firstSeenAt') },
  lastSeenAt: largest('lastSeenAt'),
  viewed: { $anyElementTrue: [each('viewed')] },
  bytes: sum('bytes'),
  seconds: sum('seconds'),
  renditions,
  startupMs: largest('startupMs'),
  rebuffers: { $max: [sum('starvations'), largest('rebuffers')] },
  rebufferMs: {
    $max: [{ $cond: [{ $eq: [largest('starvedMs'), null] }, null, sum('starvedMs')] }, largest('rebufferMs')],
  },
  playedMs: largest('playedMs'),
  switches: largest('switches'),
  errorCode: largest('errorCode'),
};
