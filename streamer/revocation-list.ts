import type { OpenedClaims } from '../platform/tokens.js';
import { subjectOf, type Revocation } from '../schema/revocation.js';

/** What may not be played any more, in memory. */
export interface RevocationList {
  /** Takes the place of what was known of the subject. */
  set(subject: string, revocation: Revocation | undefined): void;
  /** Costs one look-up for claims that were asked about since the list last changed. */
  isRevoked(claims: OpenedClaims): boolean;
  readonly size: number;
}

export function createRevocationList(): RevocationList {
  const revocations = new Map<string, Revocation>();
  /** The version of the list in which claims were last found not to be in it. */
  const passed = new WeakMap<OpenedClaims, number>();
  let version = 0;

  const covers = (claims: OpenedClaims): boolean =>
    subjectsOf(claims).some((subject) => {
      const revocation = revocations.get(subject);
      return revocation !== undefined && isAbout(revocation, claims);
    });

  return {
    set(subject, revocation) {
      version += 1;
      if (revocation) revocations.set(subject, revocation);
      else revocations.delete(subject);
    },
    isRevoked(claims) {
      if (passed.get(claims) === version) return false;
      if (covers(claims)) return true;
      passed.set(claims, version);
      return false;
    },
    get size() {
      return revocations.size;
    },
  };
}

/** Under which subjects claims could be revoked. */
function subjectsOf({ keyId, videoId, viewer }: OpenedClaims): string[] {
  const subjects = [subjectOf({ kind: 'key', keyId }), subjectOf({ kind: 'video', videoId, belowEpoch: 0 })];
  if (viewer) subjects.push(subjectOf({ kind: 'viewer', viewerKey: viewer.key, issuedBefore: 0 }));
  if (viewer?.sessionId) subjects.push(subjectOf({ kind: 'session', videoId, sessionId: viewer.sessionId }));
  return subjects;
}

function isAbout(revocation: Revocation, { epoch = 0, viewer }: OpenedClaims): boolean {
  switch (revocation.kind) {
    case 'video':
      return epoch < revocation.belowEpoch;
    case 'viewer':
      return viewer !== undefined && viewer.issuedAt.getTime() <= revocation.issuedBefore;
    case 'session':
    case 'key':
      return true;
  }
}
