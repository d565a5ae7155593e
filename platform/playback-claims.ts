export type TokenPurpose = 'entry' | 'media';

/** What a playback token grants: everything one generation of a video has published, for a while. */
export interface PlaybackGrant {
  videoId: string;
  generation: number;
  /** Whole seconds count; a fraction is cut off. */
  expiresAt: Date;
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

/** Claims in bytes: purpose (1), generation (4), expiry in seconds since 1970 (5), video id (the rest). */
export function encodeClaims(claims: PlaybackClaims): Buffer {
  const bytes = Buffer.alloc(VIDEO_ID_AT + Buffer.byteLength(claims.videoId));
  bytes.writeUInt8(purposes.indexOf(claims.purpose));
  bytes.writeUInt32BE(claims.generation, GENERATION_AT);
  bytes.writeUIntBE(Math.floor(claims.expiresAt.getTime() / 1000), EXPIRY_AT, EXPIRY_BYTES);
  bytes.write(claims.videoId, VIDEO_ID_AT);
  return bytes;
}

/** The claims that {@link encodeClaims} wrote; undefined for bytes of any other layout. */
export function decodeClaims(bytes: Buffer): PlaybackClaims | undefined {
  if (bytes.length <= VIDEO_ID_AT) return undefined;
  const purpose = purposes[bytes.readUInt8()];
  if (!purpose) return undefined;
  return {
    purpose,
    videoId: bytes.toString('utf8', VIDEO_ID_AT),
    generation: bytes.readUInt32BE(GENERATION_AT),
    expiresAt: new Date(bytes.readUIntBE(EXPIRY_AT, EXPIRY_BYTES) * 1000),
  };
}
