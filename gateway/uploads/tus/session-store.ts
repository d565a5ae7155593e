import type { ClientSession, QueryFilter, UpdateQuery } from 'mongoose';
import type { Database } from '../../../platform/mongo.js';
import { awaitedUploads } from '../../../schema/enums.js';
import { SessionKind, SessionState, UploadSession } from '../../../schema/upload-session.js';

/** How long an upload waits for its sender, milliseconds. */
export const SESSION_MS = 24 * 3_600_000;

/** Ended uploads are remembered, so that their senders are told so, milliseconds. */
const MEMORY_MS = 24 * 3_600_000;

export type NewSession = Omit<
  UploadSession,
  'state' | 'offset' | 'blocks' | 'blockCount' | 'epoch' | 'isSniffed' | 'createdAt' | 'purgeAt' | 'expiresAt'
> & { expiresAt?: Date };

/** A block that is staged, and what is known at its end. */
export interface CountedBlock {
  id: string;
  start: number;
  bytes: number;
  hashState?: string;
  isSniffed: boolean;
  /** Of the lock under which it was staged. */
  epoch: number;
}

/** What of uploads in several requests is stored so far. */
export interface SessionStore {
  create(upload: NewSession, session?: ClientSession): Promise<UploadSession>;
  find(id: string): Promise<UploadSession | undefined>;
  /** The one that a video's source comes by. */
  findOfVideo(videoId: string): Promise<UploadSession | undefined>;
  findMany(ids: readonly string[]): Promise<UploadSession[]>;
  blocksOf(id: string): Promise<string[]>;
  /** False where the session is not open, not there any more, or went on without this block. */
  count(sessionId: string, block: CountedBlock): Promise<boolean>;
  declareLength(id: string, bytes: number): Promise<void>;
  /** OPEN → DONE, with the block that makes it whole. */
  complete(id: string, block?: CountedBlock, session?: ClientSession): Promise<boolean>;
  /** → ENDED; the session as it was, undefined where it had ended before. */
  end(id: string): Promise<UploadSession | undefined>;
  /** For an ended one of which nothing is left in storage: it is forgotten a day later. */
  forget(id: string): Promise<void>;
  /** Those past their time. */
  listExpired(limit: number): Promise<UploadSession[]>;
  /** Ended ones of which something may be left in storage. */
  listUncleaned(limit: number): Promise<UploadSession[]>;
  /** Open ones whose video does not wait for its source any more. */
  listOrphaned(limit: number): Promise<UploadSession[]>;
  /** Files whose parts are all there. */
  listUnjoined(limit: number): Promise<UploadSession[]>;
}

export function createSessionStore(deps: { db: Database; now?: () => number }): SessionStore {
  const sessions = deps.db.model(UploadSession);
  const now = deps.now ?? Date.now;
  const expiry = () => new Date(now() + SESSION_MS);

  /** Whoever had the lock before may still be writing: nothing of theirs counts from here on. */
  const before = (id: string, { start, epoch }: CountedBlock): QueryFilter<UploadSession> => ({
    ...{ _id: id, state: SessionState.OPEN, offset: start },
    epoch: { $lte: epoch },
  });

  const after = (block: CountedBlock): UpdateQuery<UploadSession> => ({
    $push: { blocks: block.id },
    $inc: { blockCount: 1 },
    $set: {
      offset: block.start + block.bytes,
      epoch: block.epoch,
      expiresAt: expiry(),
      ...(block.hashState && { hashState: block.hashState }),
      ...(block.isSniffed && { isSniffed: true }),
    },
    ...(!block.hashState && { $unset: { hashState: 1 } }),
  });

  const list = (filter: QueryFilter<UploadSession>, limit: number): Promise<UploadSession[]> =>
    sessions.find(filter, { blocks: 0 }).limit(limit).lean<UploadSession[]>().exec();

  return {
    async create(upload, session) {
      const begun = { expiresAt: expiry(), ...upload, state: SessionState.OPEN, offset: 0 };
      const [created] = await sessions.create([begun], { session });
      if (!created) throw new Error('the upload was not stored');
      return created.toObject<UploadSession>();
    },

    find: async (id) => (await sessions.findById(id, { blocks: 0 }).lean<UploadSession>()) ?? undefined,

    findOfVideo: async (videoId) =>
      (await sessions.findOne({ videoId }, { blocks: 0 }).lean<UploadSession>()) ?? undefined,

    findMany: (ids) => list({ _id: { $in: [...ids] } }, ids.length),

    async blocksOf(id) {
      const session = await sessions.findById(id, { blocks: 1 }).lean<UploadSession>();
      return session?.blocks ?? [];
    },

    async count(id, block) {
      const { matchedCount } = await sessions.updateOne(before(id, block), after(block));
      return matchedCount === 1;
    },

    async declareLength(id, bytes) {
      await sessions.updateOne({ _id: id, state: SessionState.OPEN }, { $set: { sizeBytes: bytes } });
    },

    async complete(id, block, session) {
      const open = { _id: id, state: SessionState.OPEN };
      const update = block ? after(block) : {};
      const { matchedCount } = await sessions.updateOne(
        block ? before(id, block) : open,
        { ...update, $set: { ...(update.$set as object), state: SessionState.DONE, expiresAt: expiry() } },
        { session },
      );
      return matchedCount === 1;
    },

    async end(id) {
      const ended = await sessions
        .findOneAndUpdate(
          { _id: id, state: { $ne: SessionState.ENDED } },
          { $set: { state: SessionState.ENDED } },
        )
        .lean<UploadSession>();
      return ended ?? undefined;
    },

    async forget(id) {
      await sessions.updateOne({ _id: id }, { $set: { purgeAt: new Date(now() + MEMORY_MS) } });
    },

    listExpired: (limit) =>
      list({ state: { $ne: SessionState.ENDED }, expiresAt: { $lt: new Date(now()) } }, limit),

    listUncleaned: (limit) => list({ state: SessionState.ENDED, purgeAt: { $exists: false } }, limit),

    listOrphaned: (limit) =>
      sessions
        .aggregate<UploadSession>([
          { $match: { state: SessionState.OPEN, videoId: { $exists: true } } },
          { $lookup: { from: 'videos', localField: 'videoId', foreignField: '_id', as: 'videos' } },
          { $match: { 'videos.uploadStatus': { $nin: [...awaitedUploads] } } },
          { $project: { blocks: 0, videos: 0 } },
          { $limit: limit },
        ])
        .exec(),

    listUnjoined: (limit) => list({ state: SessionState.OPEN, kind: SessionKind.JOINED }, limit),
  };
}
