import { type ApiKeyRequest, issueApiKey } from '../../platform/api-keys.js';
import type { Database } from '../../platform/mongo.js';
import { ApiKey } from '../../schema/api-key.js';
import { AppError } from '../../schema/errors.js';
import { type Caller, visibleKeys } from '../auth/caller.js';
import type { IssuedApiKey } from './api-key-inputs.js';

/** API keys, as far as a caller may see them. */
export interface ApiKeyStore {
  create(request: ApiKeyRequest): Promise<IssuedApiKey>;
  /** Undefined both where there is none and where it is not the caller's. */
  find(id: string, caller: Caller): Promise<ApiKey | undefined>;
  /** The newest first; no more than are shown. */
  ofProject(projectId: string): Promise<ApiKey[]>;
  /**
   * A new key of the same settings; the old one ends then, or earlier where it would have.
   * @throws AppError CONFLICT where the old one has ended or was rotated, or three would live at a time
   */
  rotate(old: ApiKey, how: { oldEndsAt: Date; createdBy: string }): Promise<IssuedApiKey>;
  /** The key with the time when it was revoked first. */
  revoke(id: string): Promise<ApiKey | undefined>;
}

const MAX_SHOWN = 1_000;
/** Of the keys that took each other's place. */
const MAX_LIVE = 2;

const liveAt = (now: Date) => ({
  revokedAt: { $exists: false },
  $or: [{ expiresAt: { $exists: false } }, { expiresAt: { $gt: now } }],
});

export function createApiKeyStore(deps: { db: Database; now?: () => number }): ApiKeyStore {
  const { db } = deps;
  const keys = db.model(ApiKey);
  const now = () => new Date((deps.now ?? Date.now)());

  return {
    async create(request) {
      const { key: secret, document } = issueApiKey(request);
      return { apiKey: (await keys.create(document)).toObject(), secret };
    },

    async find(id, caller) {
      const visible = visibleKeys(caller);
      if (!visible) return undefined;
      return (await keys.findOne({ $and: [{ _id: id }, visible] }).lean<ApiKey>()) ?? undefined;
    },

    async ofProject(projectId) {
      return keys.find({ projectId }).sort({ _id: -1 }).limit(MAX_SHOWN).lean<ApiKey[]>();
    },

    rotate: (old, { oldEndsAt, createdBy }) =>
      db.transaction(async (session) => {
        const at = now();
        // Every rotation of a key changes that key, so that two at once cannot both come through.
        const { matchedCount } = await keys.updateOne(
          { _id: old._id, rotatedAt: { $exists: false }, ...liveAt(at) },
          { $set: { rotatedAt: at }, $min: { expiresAt: oldEndsAt } },
          { session },
        );
        if (matchedCount === 0) throw conflict('The key has ended, or was rotated already.');
        const familyId = old.familyId ?? old._id;
        const live = await keys.countDocuments(
          { $and: [{ $or: [{ _id: familyId }, { familyId }] }, liveAt(at)] },
          { session },
        );
        if (live >= MAX_LIVE) throw conflict('The key that this one took the place of is still in use.');
        const { key: secret, document } = issueApiKey({ ...settingsOf(old), familyId, createdBy });
        const created = new keys(document);
        await created.save({ session });
        return { apiKey: created.toObject(), secret };
      }),

    async revoke(id) {
      await keys.updateOne({ _id: id, revokedAt: { $exists: false } }, { $set: { revokedAt: now() } });
      return (await keys.findById(id).lean<ApiKey>()) ?? undefined;
    },
  };
}

const settingsOf = (key: ApiKey): ApiKeyRequest => {
  const { name, scopes, organizationId, projectId, expiresAt, cidrs, origins } = key;
  return { name, scopes, organizationId, projectId, expiresAt, cidrs, origins };
};

const conflict = (message: string): AppError => new AppError('CONFLICT', { message });
