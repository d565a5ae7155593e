import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyRing, RingKey } from '../../../platform/key-ring.js';

/** Where uploads are reached by whoever knows their address. It is not stored: each gateway can make it again. */
export interface UploadLinks {
  /** The last part of the address: `<session id>.<key id>.<192 bits>`. */
  tokenOf(sessionId: string): string;
  urlOf(sessionId: string): string;
  /** The session of a token; undefined for any that was not made here. */
  sessionOf(token: string): string | undefined;
}

export const UPLOADS_PATH = '/files';

const SECRET_BYTES = 24;

export function createUploadLinks(deps: { keyRing: KeyRing; publicGatewayUrl: string }): UploadLinks {
  const base = deps.publicGatewayUrl + UPLOADS_PATH;

  const tokenOf = (sessionId: string): string => {
    const { signing } = deps.keyRing;
    return `${sessionId}.${signing.id}.${secretOf(sessionId, signing).toString('base64url')}`;
  };

  return {
    tokenOf,
    urlOf: (sessionId) => `${base}/${tokenOf(sessionId)}`,
    sessionOf(token) {
      const [sessionId = '', keyId = '', encoded = '', ...rest] = token.split('.');
      const key = deps.keyRing.find(keyId);
      const secret = Buffer.from(encoded, 'base64url');
      if (!key || rest.length > 0 || secret.length !== SECRET_BYTES) return undefined;
      if (secret.toString('base64url') !== encoded) return undefined;
      return timingSafeEqual(secret, secretOf(sessionId, key)) ? sessionId : undefined;
    },
  };
}

const secretOf = (sessionId: string, { capability }: RingKey): Buffer =>
  createHmac('sha256', capability).update(sessionId).digest().subarray(0, SECRET_BYTES);
