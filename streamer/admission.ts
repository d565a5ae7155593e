import { type Audience, createAudienceCheck, type Viewer } from '../platform/audience.js';
import type { PlaybackClaims } from '../platform/playback-claims.js';
import { videoTrackHeight } from '../schema/blob-paths.js';

/** Who may have what of a generation, by the claims of a token alone. */
export interface Admission {
  /** Whether this viewer may have this file below the generation's prefix. */
  admits(claims: PlaybackClaims, file: string, viewer: Viewer): boolean;
}

/** Claims of the same token are one object for as long as they are remembered: so are their checks. */
export function createAdmission(): Admission {
  const checks = new WeakMap<Audience, (viewer: Viewer) => boolean>();

  function checkOf(audience: Audience): (viewer: Viewer) => boolean {
    const known = checks.get(audience);
    if (known) return known;
    const check = createAudienceCheck(audience);
    checks.set(audience, check);
    return check;
  }

  return {
    admits({ audience }, file, viewer) {
      if (!audience) return true;
      if (audience.maxHeight !== undefined && (videoTrackHeight(file) ?? 0) > audience.maxHeight)
        return false;
      return checkOf(audience)(viewer);
    },
  };
}
