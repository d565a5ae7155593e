import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { ApiKey } from '../schema/api-key.js';
import type { Permission } from '../schema/permissions.js';
import { newId } from '../schema/ids.js';
import { createRestrictionCheck, type KeyRestrictions, type RequestSource } from './key-restrictions.js';
import type { Collections } from './mongo-driver.js';

/** Who a valid key speaks for. Without an organization it speaks for the installation. */
export interface VerifiedKey {
  keyId: string;
  organizationId?: string;
  projectId?: string;
  scopes: readonly Permission[];
}

export interface ApiKeyVerifier {
  /**
   * Whom the credential belongs to; undefined where it is not a valid key, or not from there. That one was
   * revoked may be found out five seconds later.
   */
  verify(credential: string, from?: RequestSource): Promise<VerifiedKey | undefined>;
  /** Those of many credentials that are keys valid at this moment, wherever they come from. */
  verifyAll(credentials: readonly string[]): Promise<Map<string, VerifiedKey>>;
}

export interface ApiKeyRequest extends KeyRestrictions {
  name: string;
  scopes: readonly Permission[];
  organizationId?: string;
  projectId?: string;
  expiresAt?: Date;
  createdBy?: string;
  familyId?: string;
}

/** A key as it is stored; the database adds its creation time. */
export type NewApiKey = Omit<ApiKey, 'createdAt'>;

const ID_PREFIX = 'key_';
const SECRET_LENGTH = 43;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const keyPattern = new RegExp(`^sp_live_([0-9a-z]{26})_([A-Za-z0-9]{${SECRET_LENGTH}})([0-9a-f]{8})$`);

/** A revoked key is refused everywhere after this long, milliseconds. */
const CACHE_MS = 5_000;
const CACHE_ENTRIES = 1_000;
/** How exact `lastUsedAt` is, milliseconds. */
const LAST_USED_STEP_MS = 60_000;

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/**
 * A new key: `sp_live_<id>_<secret><crc32>`. The text is to be shown once; the document, which holds
 * only a hash of its secret (256 random bits), is to be stored.
 */
export function issueApiKey({ cidrs, origins, ...request }: ApiKeyRequest): {
  key: string;
  document: NewApiKey;
} {
  const id = newId('key');
  const secret = Array.from({ length: SECRET_LENGTH }, () => alphabet[randomInt(alphabet.length)]).join('');
  const body = `${keyPrefix(id)}_${secret}`;
  return {
    key: body + checksum(body),
    document: {
      _id: id,
      ...request,
      scopes: [...request.scopes],
      cidrs: cidrs && [...cidrs],
      origins: origins && [...origins],
      secretHash: sha256(secret).toString('hex'),
    },
  };
}

/** Id and secret of a well-formed key with a right checksum; undefined for everything else. */
export function parseApiKey(credential: string): { keyId: string; secret: string } | undefined {
  const [, suffix, secret, sum] = keyPattern.exec(credential) ?? [];
  if (suffix === undefined || secret === undefined) return undefined;
  if (checksum(credential.slice(0, -8)) !== sum) return undefined;
  return { keyId: ID_PREFIX + suffix, secret };
}

/** The part of a key's text that is no secret: what it begins with. */
export const keyPrefix = (keyId: string): string => `sp_live_${keyId.slice(ID_PREFIX.length)}`;

const bearer = /^Bearer +(\S+)$/i;

/** The token of an `Authorization: Bearer …` value. */
export const bearerToken = (value: unknown): string | undefined =>
  typeof value === 'string' ? bearer.exec(value.trim())?.[1] : undefined;

/** The credential of an HTTP request: `Authorization: Bearer …`, else `X-API-Key`. */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const apiKey = headers['x-api-key'];
  return bearerToken(headers.authorization) ?? (typeof apiKey === 'string' ? apiKey.trim() : undefined);
}

/** A key as it was last read. */
interface KnownKey {
  document: ApiKey;
  isAllowedFrom: (from: RequestSource) => boolean;
  readAt: number;
}

export function createApiKeyVerifier(deps: { db: Collections; now?: () => number }): ApiKeyVerifier {
  const keys = deps.db.collection('apiKeys');
  const now = deps.now ?? Date.now;
  const known = new LRUCache<string, KnownKey>({ max: CACHE_ENTRIES });

  async function lately(keyId: string): Promise<KnownKey | undefined> {
    const cached = known.get(keyId);
    if (cached && now() - cached.readAt < CACHE_MS) return cached;
    return (await read([keyId])).get(keyId);
  }

  async function read(keyIds: readonly string[]): Promise<Map<string, KnownKey>> {
    const readAt = now();
    const documents = await keys.find({ _id: { $in: keyIds } }).toArray();
    const fresh = documents.map((document) => {
      return { document, isAllowedFrom: createRestrictionCheck(document), readAt };
    });
    for (const key of fresh) known.set(key.document._id, key);
    return new Map(fresh.map((key) => [key.document._id, key]));
  }

  async function markUsed(document: ApiKey): Promise<void> {
    const before = new Date(now() - LAST_USED_STEP_MS);
    if (document.lastUsedAt && document.lastUsedAt > before) return;
    document.lastUsedAt = new Date(now());
    const notMarked = { $or: [{ lastUsedAt: { $exists: false } }, { lastUsedAt: { $lte: before } }] };
    await keys.updateOne({ _id: document._id, ...notMarked }, { $set: { lastUsedAt: document.lastUsedAt } });
  }

  async function check(secret: string, known: KnownKey | undefined): Promise<VerifiedKey | undefined> {
    const document = known?.document;
    if (!document || !isActive(document, now())) return undefined;
    if (!timingSafeEqual(sha256(secret), Buffer.from(document.secretHash, 'hex'))) return undefined;
    await markUsed(document);
    const { _id: keyId, organizationId, projectId, scopes } = document;
    return { keyId, organizationId, projectId, scopes };
  }

  return {
    async verify(credential, from = {}) {
      const given = parseApiKey(credential);
      if (!given) return undefined;
      const key = await lately(given.keyId);
      return key?.isAllowedFrom(from) ? check(given.secret, key) : undefined;
    },

    async verifyAll(credentials) {
      const given = credentials.flatMap((credential) => {
        const parsed = parseApiKey(credential);
        return parsed ? [{ credential, ...parsed }] : [];
      });
      const keyIds = new Set(given.map(({ keyId }) => keyId));
      const found = keyIds.size > 0 ? await read([...keyIds]) : new Map<string, KnownKey>();
      const checked = await Promise.all(
        given.map(async ({ credential, keyId, secret }) => {
          const key = await check(secret, found.get(keyId));
          return key ? [[credential, key] as const] : [];
        }),
      );
      return new Map(checked.flat());
    },
  };
}

const isActive = ({ revokedAt, expiresAt }: ApiKey, now: number): boolean =>
  revokedAt === undefined && (expiresAt === undefined || expiresAt.getTime() > now);
