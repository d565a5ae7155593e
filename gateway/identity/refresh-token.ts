/** What a refresh token says: `spr_<session>_<rotation>_<secret>`. */
export interface RefreshToken {
  sessionId: string;
  /** How often the session had been refreshed when it was made. */
  rotation: number;
  secret: string;
}

const ID_PREFIX = 'session_';
const pattern = /^spr_([0-9a-hjkmnp-tv-z]{26})_(0|[1-9][0-9]{0,8})_([A-Za-z0-9_-]{43})$/;

export const formatRefreshToken = ({ sessionId, rotation, secret }: RefreshToken): string =>
  `spr_${sessionId.slice(ID_PREFIX.length)}_${rotation}_${secret}`;

/** Undefined for everything that cannot be one. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, session, rotation, secret] = pattern.exec(text) ?? [];
  if (session === undefined || rotation === undefined || secret === undefined) return undefined;
  return { sessionId: ID_PREFIX + session, rotation: Number(rotation), secret };
}
