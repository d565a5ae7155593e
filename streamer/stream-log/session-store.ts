import { LRUCache } from 'lru-cache';
import { MongoBulkWriteError } from 'mongodb';
import { type Collections, isDuplicateKey } from '../../platform/mongo-driver.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import type { Video } from '../../schema/video.js';
import type { SessionStore, StoredSession } from './session-flush.js';
import type { VideoPlace } from './session-row.js';

/** Videos whose places are remembered. */
const MAX_PLACES = 10_000;

/** Where a plan does not tell: what segments have by default. */
const USUAL_SEGMENT_SECONDS = 4;

/** A viewer waits for it, milliseconds. */
const ADMISSION_TIME_MS = 2_000;

/** Longest wait for one answer of the database, milliseconds. */
const MAX_TIME_MS = 10_000;

type PlacedVideo = Pick<Video, 'organizationId' | 'projectId' | 'source'> & {
  plan?: Pick<TranscodePlan, 'segmentFrames' | 'frameRate'>;
};

const PLACE_FIELDS = {
  organizationId: 1,
  projectId: 1,
  'source.durationSeconds': 1,
  'plan.segmentFrames': 1,
  'plan.frameRate': 1,
} as const;

const DELETED_FIELDS = { organizationId: 1, projectId: 1, usage: 1 } as const;

/** Sessions in MongoDB. */
export function createSessionStore(deps: { db: Collections }): SessionStore {
  const sessions = deps.db.collection('playbackSessions');
  const videos = deps.db.collection('videos');
  const deleted = deps.db.collection('deletedVideos');
  const places = new LRUCache<string, VideoPlace>({ max: MAX_PLACES });

  /** One that was just deleted still has its viewers. */
  async function read(videoIds: readonly string[]): Promise<void> {
    const of = { _id: { $in: videoIds } };
    const [there, gone] = await Promise.all([
      videos
        .find<PlacedVideo & { _id: string }>(of, { projection: PLACE_FIELDS, maxTimeMS: MAX_TIME_MS })
        .toArray(),
      deleted.find(of, { projection: DELETED_FIELDS, maxTimeMS: MAX_TIME_MS }).toArray(),
    ]);
    for (const { _id, organizationId, projectId, usage } of gone) {
      const { durationSeconds } = usage;
      places.set(_id, { organizationId, projectId, segmentSeconds: USUAL_SEGMENT_SECONDS, durationSeconds });
    }
    for (const video of there) places.set(video._id, placeOf(video));
  }

  return {
    async placesOf(videoIds) {
      const missing = videoIds.filter((videoId) => !places.has(videoId));
      if (missing.length > 0) await read(missing);
      return new Map(
        videoIds.flatMap((videoId) => {
          const place = places.get(videoId);
          return place ? [[videoId, place]] : [];
        }),
      );
    },

    async latestOf(keys) {
      const rows = await sessions
        .aggregate<StoredSession & { _id: string }>(
          [
            { $match: { key: { $in: keys } } },
            { $sort: { key: 1, ordinal: -1 } },
            {
              $group: {
                _id: '$key',
                ordinal: { $first: '$ordinal' },
                firstSeenAt: { $first: '$firstSeenAt' },
                lastSeenAt: { $first: '$lastSeenAt' },
              },
            },
          ],
          { maxTimeMS: MAX_TIME_MS },
        )
        .toArray();
      return new Map(rows.map(({ _id, ...session }) => [_id, session]));
    },

    devicesOf: (viewer, since) =>
      sessions.distinct('client', { viewer, lastSeenAt: { $gte: since } }, { maxTimeMS: ADMISSION_TIME_MS }),

    async write(writes) {
      const options = { ordered: false, maxTimeMS: MAX_TIME_MS };
      const bulk = () => sessions.bulkWrite(writes, options);
      try {
        // Two streamers may make the same session at the same time: the later one finds it then.
        await bulk().catch((error: unknown) =>
          isDuplicateKey(error) ? bulk() : Promise.reject(error as Error),
        );
        return [];
      } catch (error) {
        return refusedIn(error);
      }
    },
  };
}

function placeOf({ organizationId, projectId, source, plan }: PlacedVideo): VideoPlace {
  const { segmentFrames, frameRate } = plan ?? {};
  return {
    ...{ organizationId, projectId, durationSeconds: source?.durationSeconds },
    segmentSeconds:
      segmentFrames && frameRate ? (segmentFrames * frameRate.den) / frameRate.num : USUAL_SEGMENT_SECONDS,
  };
}

/** Positions of single writes that the database refused; everything else that went wrong is thrown. */
function refusedIn(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  if (errors.length === 0) throw error;
  return errors.map(({ index: position }) => position);
}
