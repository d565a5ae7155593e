import { DataStore, Metadata, Upload } from '@tus/server';
import type { Readable } from 'node:stream';
import { awaitedUploads } from '../../../schema/enums.js';
import { AppError } from '../../../schema/errors.js';
import { SessionKind, SessionState, type UploadSession } from '../../../schema/upload-session.js';
import type { Arrivals } from './arrivals.js';
import type { SessionEnds } from './session-end.js';
import { SESSION_MS, type SessionStore } from './session-store.js';
import type { SessionWriter } from './session-writer.js';
import { currentTusRequest } from './tus-request.js';

export const tusExtensions = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'termination',
  'checksum',
  'expiration',
  'concatenation',
];

/** The tus server's port to storage: upload ids are those of sessions, which are there before it hears of them. */
export function createTusStore(deps: {
  sessions: SessionStore;
  writer: Pick<SessionWriter, 'write'>;
  arrivals: Pick<Arrivals, 'statusOf'>;
  ends: Pick<SessionEnds, 'end'>;
}): DataStore {
  const { sessions } = deps;

  async function find(id: string): Promise<UploadSession> {
    const session = await sessions.find(id);
    if (!session) throw new AppError('NOT_FOUND');
    if (session.state === SessionState.ENDED) throw new AppError('UPLOAD_ENDED');
    if (session.state === SessionState.DONE || session.videoId === undefined) return session;
    const status = await deps.arrivals.statusOf(session.videoId);
    if (status === undefined || !awaitedUploads.includes(status)) throw new AppError('UPLOAD_ENDED');
    return session;
  }

  return Object.assign(new DataStore(), {
    extensions: tusExtensions,

    // The tus server misspells the one that it does not do itself.
    hasExtension: (name: string) => tusExtensions.includes(name.replace('concatentation', 'concatenation')),

    async create(upload: Upload) {
      const session = await find(upload.id);
      currentTusRequest().session = session;
      return Object.assign(upload, uploadOf(session));
    },

    async getUpload(id: string) {
      const session = await find(id);
      currentTusRequest().session = session;
      return uploadOf(session);
    },

    write(source: Readable, id: string, offset: number) {
      const { session, checksum } = currentTusRequest();
      if (session?.kind === SessionKind.JOINED)
        throw new AppError('FORBIDDEN', { message: 'A file of parts cannot be added to.' });
      return deps.writer.write(id, source, { offset, checksum });
    },

    declareUploadLength: (id: string, bytes: number) => sessions.declareLength(id, bytes),

    async remove(id: string) {
      await deps.ends.end(await find(id), new AppError('UPLOAD_ENDED'));
    },

    getExpiration: () => SESSION_MS,
  });
}

/** Expiry is counted from when bytes came last. */
const uploadOf = (session: UploadSession): Upload =>
  new Upload({
    id: session._id,
    size: knownSize(session),
    offset: session.offset,
    metadata: session.metadata === undefined ? undefined : Metadata.parse(session.metadata),
    creation_date: new Date(session.expiresAt.getTime() - SESSION_MS).toISOString(),
  });

/** Nobody may take an upload for received whose length was told and that is not queued yet. */
const knownSize = ({ sizeBytes, offset, state }: UploadSession): number | undefined =>
  sizeBytes === offset && state === SessionState.OPEN ? undefined : sizeBytes;
