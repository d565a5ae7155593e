import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { parseKeyRing, type RingKey } from './key-ring.js';
import {
  decodeClaims,
  encodeClaims,
  type PlaybackClaims,
  type PlaybackGrant,
  type TokenPurpose,
} from './playback-claims.js';

/** Seals and opens playback tokens. */
export interface Tokens {
  /** A token for the master playlist; no two are alike. */
  sealEntry(grant: PlaybackGrant): string;
  /**
   * A token for everything else. Its expiry is rounded up to a whole MEDIA_BUCKET_SECONDS, and equal
   * grants give equal tokens, so that every viewer asks a CDN for the same URLs.
   */
  sealMedia(grant: PlaybackGrant): string;
  /**
   * What a token grants now; undefined where it is forged, damaged, expired or meant for something else. The same
   * object for the same token, for as long as it is remembered.
   */
  open(token: string, purpose: TokenPurpose): OpenedClaims | undefined;
}

/** What a token grants, and what it was sealed with. */
export interface OpenedClaims extends PlaybackClaims {
  keyId: string;
}

export const MEDIA_BUCKET_SECONDS = 3600;

/** The longest that a playback may be asked for. */
export const MAX_PLAYBACK_SECONDS = 7 * 86_400;

/** Clocks of signer and streamer may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

/** After this long no token works that is sealed now. */
export const MAX_TOKEN_SECONDS = MAX_PLAYBACK_SECONDS + MEDIA_BUCKET_SECONDS + CLOCK_SKEW_MS / 1000;

const MAX_VERIFIED = 20_000;
const MAX_TOKEN_CHARS = 2_048;
const NONCE_BYTES = 12;

/** Node takes tags of 4 bytes unless it is told what to expect. */
const TAG_BYTES = 16;
const cipherOptions = { authTagLength: TAG_BYTES };

/**
 * Playback tokens under a key ring, in the form of the setting STREAM_KEYS. A token is
 * base64url(kid length, kid, nonce, AES-256-GCM of the claims, tag); the kid is authenticated with it.
 * @throws Error where the key ring is malformed.
 */
export function createTokens(deps: { keys: string; now?: () => number }): Tokens {
  const ring = parseKeyRing(deps.keys);
  const now = deps.now ?? Date.now;
  const verified = new LRUCache<string, OpenedClaims>({ max: MAX_VERIFIED });

  function verify(token: string): OpenedClaims | undefined {
    const sealed = decodeToken(token);
    const key = sealed && ring.find(sealed.keyId);
    const plain = key && decrypt(key, sealed);
    const claims = plain && decodeClaims(plain);
    if (!claims) return undefined;
    const opened = { ...claims, keyId: key.id };
    verified.set(token, opened);
    return opened;
  }

  return {
    sealEntry(grant) {
      return seal(ring.signing, encodeClaims({ ...grant, purpose: 'entry' }), randomBytes(NONCE_BYTES));
    },

    sealMedia(grant) {
      const claims = encodeClaims({ ...grant, purpose: 'media', expiresAt: endOfBucket(grant.expiresAt) });
      const nonce = createHmac('sha256', ring.signing.nonce).update(claims).digest();
      return seal(ring.signing, claims, nonce.subarray(0, NONCE_BYTES));
    },

    open(token, purpose) {
      const claims = verified.get(token) ?? verify(token);
      if (claims?.purpose !== purpose) return undefined;
      return now() <= claims.expiresAt.getTime() + CLOCK_SKEW_MS ? claims : undefined;
    },
  };
}

function endOfBucket(at: Date): Date {
  const bucketMs = MEDIA_BUCKET_SECONDS * 1000;
  return new Date(Math.ceil(at.getTime() / bucketMs) * bucketMs);
}

function seal(key: RingKey, claims: Buffer, nonce: Buffer): string {
  const header = Buffer.from(`\0${key.id}`);
  header.writeUInt8(key.id.length);
  const cipher = createCipheriv('aes-256-gcm', key.encryption, nonce, cipherOptions).setAAD(header);
  const sealed = [header, nonce, cipher.update(claims), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

interface SealedToken {
  keyId: string;
  header: Buffer;
  nonce: Buffer;
  encrypted: Buffer;
  tag: Buffer;
}

function decodeToken(token: string): SealedToken | undefined {
  if (token.length > MAX_TOKEN_CHARS) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  // Node's decoder skips what it does not know: only the canonical spelling of a token counts.
  if (bytes.length === 0 || bytes.toString('base64url') !== token) return undefined;
  const nonceAt = 1 + bytes.readUInt8();
  const encryptedAt = nonceAt + NONCE_BYTES;
  const tagAt = bytes.length - TAG_BYTES;
  if (tagAt <= encryptedAt) return undefined;
  return {
    keyId: bytes.toString('latin1', 1, nonceAt),
    header: bytes.subarray(0, nonceAt),
    nonce: bytes.subarray(nonceAt, encryptedAt),
    encrypted: bytes.subarray(encryptedAt, tagAt),
    tag: bytes.subarray(tagAt),
  };
}

/** The authenticated content; undefined where it is not what the key's holder sealed. */
function decrypt(key: RingKey, sealed: SealedToken): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key.encryption, sealed.nonce, cipherOptions);
  decipher.setAAD(sealed.header).setAuthTag(sealed.tag);
  try {
    return Buffer.concat([decipher.update(sealed.encrypted), decipher.final()]);
  } catch {
    return undefined;
  }
}
