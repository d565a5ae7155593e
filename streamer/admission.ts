import type { FastifyRequest } from 'fastify';
import { type Audience, createAudienceCheck, type Viewer } from '../platform/audience.js';
import type { PlaybackClaims } from '../platform/playback-claims.js';
import { videoTrackHeight } from '../schema/blob-paths.js';

/** Who may have what of a generation, by the claims of a token alone. */
export interface Admission {
  /** Whether this viewer may have this file below the generation's prefix. */
  admits(claims: PlaybackClaims, file: string, viewer: Viewer): boolean;
}

type Check = (viewer: Viewer) => boolean;

/**
 * Claims of the same token are one object for as long as they are remembered: so are their checks. What the player of
 * an embed page asks for comes from a page of ours: which pages may show that one was decided when it was served.
 */
export function createAdmission(deps: { publicStreamUrl: string }): Admission {
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
    admits({ audience }, file, viewer) {
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
