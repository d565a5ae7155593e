import type { Audience } from './audience.js';

export type TokenPurpose = 'entry' | 'media';

/** What a playback token grants: everything one generation of a video has published, for a while. */
export interface PlaybackGrant {
  videoId: string;
  generation: number;
  /** Whole seconds count; a fraction is cut off. */
  expiresAt: Date;
  /** Absent: whoever has the URL. */
  audience?: Audience;
}

export interface PlaybackClaims extends PlaybackGrant {
  purpose: TokenPurpose;
}

/** Position of each purpose is its code: append only. */
const purposes: readonly TokenPurpose[] = ['entry', 'media'];

const GENERATION_AT = 1;
const EXPIRY_AT = 5;
const EXPIRY_BYTES = 5;
const VIDEO_ID_AT = EXPIRY_AT + EXPIRY_BYTES;

/** No id has it: what follows is the audience. */
const END_OF_ID = 0;

/**
 * Claims in bytes: purpose (1), generation (4), expiry in seconds since 1970 (5), video id; where there is an
 * audience, a zero and the audience as JSON. Equal claims are equal bytes.
 */
export function encodeClaims(claims: PlaybackClaims): Buffer {
  const head = Buffer.alloc(VIDEO_ID_AT);
  head.writeUInt8(purposes.indexOf(claims.purpose));
  head.writeUInt32BE(claims.generation, GENERATION_AT);
  head.writeUIntBE(Math.floor(claims.expiresAt.getTime() / 1000), EXPIRY_AT, EXPIRY_BYTES);
  const audience = claims.audience
    ? [Buffer.of(END_OF_ID), Buffer.from(encodeAudience(claims.audience))]
    : [];
  return Buffer.concat([head, Buffer.from(claims.videoId), ...audience]);
}

/** The claims that {@link encodeClaims} wrote; undefined for bytes of any other layout. */
export function decodeClaims(bytes: Buffer): PlaybackClaims | undefined {
  if (bytes.length <= VIDEO_ID_AT) return undefined;
  const purpose = purposes[bytes.readUInt8()];
  if (!purpose) return undefined;
  const end = bytes.indexOf(END_OF_ID, VIDEO_ID_AT);
  const audience = end === -1 ? undefined : decodeAudience(bytes.toString('utf8', end + 1));
  if (end !== -1 && !audience) return undefined;
  return {
    purpose,
    videoId: bytes.toString('utf8', VIDEO_ID_AT, end === -1 ? undefined : end),
    generation: bytes.readUInt32BE(GENERATION_AT),
    expiresAt: new Date(bytes.readUIntBE(EXPIRY_AT, EXPIRY_BYTES) * 1000),
    ...(audience && { audience }),
  };
}

/** Always in the same order, whatever the caller's was. */
const encodeAudience = ({ userId, ipPrefix, referrers, maxHeight }: Audience): string =>
  JSON.stringify({ userId, ipPrefix, referrers, maxHeight });

/** Authenticated bytes were written by `encodeAudience`: they are JSON unless the key ring is in wrong hands. */
function decodeAudience(text: string): Audience | undefined {
  try {
    return JSON.parse(text) as Audience;
  } catch {
    return undefined;
  }
}
