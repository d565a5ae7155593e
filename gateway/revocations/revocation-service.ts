import type { KeyRing } from '../../platform/key-ring.js';
import type { Database } from '../../platform/mongo.js';
import { viewerKey } from '../../platform/viewer-key.js';
import { AppError } from '../../schema/errors.js';
import type { Revocation } from '../../schema/revocation.js';
import { Video } from '../../schema/video.js';
import type { ActPlace, PlacedActs } from '../admin/placed-acts.js';
import { placeOf } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import type { ProjectStore } from '../projects/project-store.js';
import type { VideoStore } from '../videos/video-store.js';
import type { RevokePlaybackInput } from './revocation-inputs.js';
import type { RevokedPlayback } from './revoked-playback.js';
import type { RevocationStore } from './revocation-store.js';

export interface RevocationService {
  /**
   * Takes back what was given to play. Entered in the audit log.
   * @throws AppError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT for the key that seals now
   */
  revoke(input: RevokePlaybackInput, origin: OperationOrigin): Promise<RevokedPlayback>;
}

/** Something to revoke, once its place is known to be the caller's. */
interface Target {
  id: string;
  place: ActPlace | undefined;
  details?: Record<string, unknown>;
  what: () => Promise<Revocation> | Revocation;
}

export function createRevocationService(deps: {
  db: Database;
  keyRing: KeyRing;
  store: Pick<RevocationStore, 'add'>;
  videos: Pick<VideoStore, 'find'>;
  projects: Pick<ProjectStore, 'find'>;
  acts: PlacedActs;
}): RevocationService {
  const { videos, projects, store, acts } = deps;

  /** Tokens that are made from now on carry the new number. */
  async function nextEpoch(videoId: string): Promise<Revocation> {
    const video = await deps.db
      .model(Video)
      .findByIdAndUpdate(videoId, { $inc: { playbackEpoch: 1 } }, { returnDocument: 'after' })
      .lean<Video>();
    if (!video) throw new AppError('NOT_FOUND');
    return { kind: 'video', videoId, belowEpoch: video.playbackEpoch ?? 0 };
  }

  function keyToRevoke(keyId: string): Revocation {
    if (keyId !== deps.keyRing.signing.id) return { kind: 'key', keyId };
    throw new AppError('CONFLICT', {
      message: 'This key seals what is played now: put another one first in STREAM_KEYS, then revoke it.',
    });
  }

  async function targetOf(input: RevokePlaybackInput, { caller }: OperationOrigin): Promise<Target> {
    const { videoId, sessionId, projectId, userId, keyId } = input;
    if (keyId != null) return { id: keyId, place: {}, what: () => keyToRevoke(keyId) };
    if (projectId != null && userId != null) {
      const project = await projects.find(projectId, caller);
      const what = (): Revocation => ({
        ...{ kind: 'viewer', viewerKey: viewerKey(projectId, userId), issuedBefore: Date.now() },
      });
      return { id: projectId, details: { userId }, place: project && placeOf(project), what };
    }
    const video = videoId == null ? undefined : await videos.find(videoId, caller);
    const id = videoId ?? '';
    if (sessionId == null) return { id, place: video, what: () => nextEpoch(id) };
    const what = (): Revocation => ({ kind: 'session', videoId: id, sessionId });
    return { id, details: { sessionId }, place: video, what };
  }

  return {
    async revoke(input, origin) {
      requireOneSubject(input);
      const { id: target, place, details, what } = await targetOf(input, origin);
      const act = { action: 'revokePlayback', target, details, place };
      return acts.record({ ...act, permission: 'playback:revoke' }, origin, async () => {
        const revokedAt = new Date();
        return { revokedAt, announced: await store.add(await what()) };
      });
    },
  };
}

const subjects = ['videoId', 'sessionId,videoId', 'projectId,userId', 'keyId'];

function requireOneSubject(input: RevokePlaybackInput): void {
  const given = Object.entries(input).flatMap(([name, value]) => (value == null ? [] : [name]));
  if (subjects.includes(given.toSorted().join(','))) return;
  throw new AppError('BAD_USER_INPUT', {
    field: 'input',
    message: 'Give videoId, videoId and sessionId, projectId and userId, or keyId.',
  });
}
