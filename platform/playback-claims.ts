import { randomBytes } from 'node:crypto';
import type { Audience } from './audience.js';

export type TokenPurpose = 'entry' | 'media';

/** The viewer that a playback was made for, where its maker has named one. */
export interface NamedViewer {
  /** Stands for the viewer, by {@link viewerKey}: tells nobody who it is. */
  key: string;
  /** When the playback was asked for: what was revoked later does not play. */
  issuedAt: Date;
  /** Of the playback that was begun with an entry token; only media tokens have it. */
  sessionId?: string;
}

/** What a playback token grants: everything one generation of a video has published, for a while. */
export interface PlaybackGrant {
  videoId: string;
  generation: number;
  /** Whole seconds count; a fraction is cut off. */
  expiresAt: Date;
  /** Absent: whoever has the URL. */
  audience?: Audience;
  viewer?: NamedViewer;
  /** How often the playback of the video had been revoked by then; absent: never. */
  epoch?: number;
  /** Origins of pages that may read it (CORS); absent: all. */
  origins?: readonly string[];
  /** Plays for as long as its project is public. */
  isPublic?: true;
}

const SESSION_ID_BYTES = 12;

/** An id that nobody can guess. */
export const newSessionId = (): string => randomBytes(SESSION_ID_BYTES).toString('base64url');

export interface PlaybackClaims extends PlaybackGrant {
  purpose: TokenPurpose;
}

/** Position of each purpose is its code: append only. */
const purposes: readonly TokenPurpose[] = ['entry', 'media'];

const GENERATION_AT = 1;
const EXPIRY_AT = 5;
const EXPIRY_BYTES = 5;
const VIDEO_ID_AT = EXPIRY_AT + EXPIRY_BYTES;

/** No id has it: what follows are the terms. */
const END_OF_ID = 1;

/** All of a grant but what every grant has. */
type Terms = Pick<PlaybackGrant, 'audience' | 'viewer' | 'epoch' | 'origins' | 'isPublic'>;

/**
 * Claims in bytes: purpose (1), generation (4), expiry in seconds since 1970 (5), video id; where there are terms, a
 * one and the terms as JSON. Equal claims are equal bytes.
 */
export function encodeClaims(claims: PlaybackClaims): Buffer {
  const head = Buffer.alloc(VIDEO_ID_AT);
  head.writeUInt8(purposes.indexOf(claims.purpose));
  head.writeUInt32BE(claims.generation, GENERATION_AT);
  head.writeUIntBE(Math.floor(claims.expiresAt.getTime() / 1000), EXPIRY_AT, EXPIRY_BYTES);
  const terms = encodeTerms(claims);
  const tail = terms === '{}' ? [] : [Buffer.of(END_OF_ID), Buffer.from(terms)];
  return Buffer.concat([head, Buffer.from(claims.videoId), ...tail]);
}

/** The claims that {@link encodeClaims} wrote; undefined for bytes of any other layout. */
export function decodeClaims(bytes: Buffer): PlaybackClaims | undefined {
  if (bytes.length <= VIDEO_ID_AT) return undefined;
  const purpose = purposes[bytes.readUInt8()];
  const end = bytes.indexOf(END_OF_ID, VIDEO_ID_AT);
  const terms = end === -1 ? {} : decodeTerms(bytes.toString('utf8', end + 1));
  if (!purpose || !terms) return undefined;
  const videoId = bytes.toString('utf8', VIDEO_ID_AT, end === -1 ? undefined : end);
  return {
    purpose,
    videoId,
    generation: bytes.readUInt32BE(GENERATION_AT),
    expiresAt: new Date(bytes.readUIntBE(EXPIRY_AT, EXPIRY_BYTES) * 1000),
    ...terms,
  };
}

/** Always in the same order, whatever the caller's was. */
function encodeTerms({ audience, viewer, epoch, origins, isPublic }: Terms): string {
  return JSON.stringify({
    audience: audience && ordered(audience),
    viewer: viewer && { key: viewer.key, issuedAt: viewer.issuedAt.getTime(), sessionId: viewer.sessionId },
    // Zero and absent are the same.
    epoch: epoch || undefined,
    origins,
    isPublic,
  });
}

const ordered = ({ userId, ipPrefix, referrers, maxHeight, maxConcurrent }: Audience): Audience => ({
  userId,
  ipPrefix,
  referrers,
  maxHeight,
  maxConcurrent,
});

/** Authenticated bytes were written by `encodeTerms`: they are JSON unless the key ring is in wrong hands. */
function decodeTerms(text: string): Terms | undefined {
  try {
    const { viewer, ...terms } = JSON.parse(text) as Omit<Terms, 'viewer'> & {
      viewer?: { key: string; issuedAt: number; sessionId?: string };
    };
    return viewer ? { ...terms, viewer: { ...viewer, issuedAt: new Date(viewer.issuedAt) } } : terms;
  } catch {
    return undefined;
  }
}
