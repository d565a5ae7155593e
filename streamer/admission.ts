import type { FastifyRequest } from 'fastify';
import { type Audience, createAudienceCheck, type Viewer } from '../platform/audience.js';
import type { TokenPurpose } from '../platform/playback-claims.js';
import type { OpenedClaims } from '../platform/tokens.js';
import { videoTrackHeight } from '../schema/blob-paths.js';

/** What may not be played any more, as gateways announce it. */
export interface Revocations {
  isRevoked(claims: OpenedClaims): boolean;
  /** Whether all that was revoked earlier is known: before that nothing must be played. */
  isComplete(): boolean;
}

/** Videos that everybody may play. */
export interface PublicAccess {
  /**
   * What everybody is granted of a video, whose id stands for a token; undefined where it is not public.
   * @throws AppError UNAVAILABLE where nobody can tell
   */
  open(
    target: { token: string; purpose: TokenPurpose },
    signal: AbortSignal,
  ): Promise<OpenedClaims | undefined>;
  /** Whether the video was public once and is not any more. Never waits: it asks for the next time. */
  isPrivate(videoId: string): boolean;
}

/** Who may have what of a generation, by the claims of a token and what was said of them since. */
export interface Admission {
  /** Whether this viewer may have this file below the generation's prefix. */
  admits(claims: OpenedClaims, file: string, viewer: Viewer): boolean;
}

type Check = (viewer: Viewer) => boolean;

/**
 * Claims of the same token are one object for as long as they are remembered: so are their checks. What the player of
 * an embed page asks for comes from a page of ours: which pages may show that one was decided when it was served.
 */
export function createAdmission(deps: {
  publicStreamUrl: string;
  revocations: Pick<Revocations, 'isRevoked'>;
  publicVideos: Pick<PublicAccess, 'isPrivate'>;
}): Admission {
  const ownHost = new URL(deps.publicStreamUrl).host;
  const checks = new WeakMap<Audience, { onOthers: Check; onOurs: Check }>();

  function checkOf(audience: Audience, referrer: string | undefined): Check {
    const { onOthers, onOurs } = checks.get(audience) ?? addChecks(audience);
    return referrer !== undefined && URL.parse(referrer)?.host === ownHost ? onOurs : onOthers;
  }

  function addChecks(audience: Audience) {
    const made = {
      onOthers: createAudienceCheck(audience),
      onOurs: createAudienceCheck({ ...audience, referrers: undefined }),
    };
    checks.set(audience, made);
    return made;
  }

  return {
    admits(claims, file, viewer) {
      if (deps.revocations.isRevoked(claims)) return false;
      if (claims.isPublic && deps.publicVideos.isPrivate(claims.videoId)) return false;
      const { audience } = claims;
      if (!audience) return true;
      if (audience.maxHeight !== undefined && (videoTrackHeight(file) ?? 0) > audience.maxHeight)
        return false;
      return checkOf(audience, viewer.referrer)(viewer);
    },
  };
}

/** Where a request comes from. */
export const viewerOf = (request: FastifyRequest): Viewer => ({
  address: request.ip,
  referrer: request.headers.referer,
});
