import { type DataStore, Server } from '@tus/server';
import { toAppError } from '../../../schema/errors.js';
import { AppError } from '../../../schema/errors.js';
import { isUnreachable } from '../../graphql-error.js';
import type { TusCreation } from './tus-creation.js';
import { currentTusRequest } from './tus-request.js';
import { type UploadLinks, UPLOADS_PATH } from './upload-links.js';
import type { UploadLocker } from './upload-locker.js';

/** How long a request may go on that was asked to let go of its upload, milliseconds. */
const DRAIN_MS = 500;

/** The tus 1.0 protocol, over our own storage. Its requests run within `runTusRequest`. */
export function createTusServer(deps: {
  store: DataStore;
  locker: UploadLocker;
  links: UploadLinks;
  creation: TusCreation;
  maxBytes: number;
}): Server {
  const { links } = deps;
  return new Server({
    path: UPLOADS_PATH,
    datastore: deps.store,
    locker: deps.locker,
    lockDrainTimeout: DRAIN_MS,
    maxSize: deps.maxBytes,
    disableTerminationForFinishedUploads: true,
    namingFunction: (request, metadata) =>
      deps.creation.create(metadata ?? {}, lengthOf(request.headers.get('upload-length'))),
    generateUrl: (_request, { id }) => links.urlOf(id),
    getFileIdFromRequest: (_request, token) => (token === undefined ? undefined : links.sessionOf(token)),
    onResponseError: (_request, error) => remember(error),
  });
}

const lengthOf = (header: string | null): number | undefined =>
  header === null ? undefined : Number(header);

/** The tus server's own refusals are plain objects with their status; everything else is ours. */
function remember(error: Error | { status_code: number; body: string }) {
  if ('status_code' in error) return undefined;
  const ours = isUnreachable(error) ? new AppError('UNAVAILABLE', {}, { cause: error }) : toAppError(error);
  currentTusRequest().error = ours;
  return { status_code: ours.status, body: '' };
}
