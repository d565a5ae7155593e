import { AsyncLocalStorage } from 'node:async_hooks';
import type { AppError } from '../../../schema/errors.js';
import type { UploadSession } from '../../../schema/upload-session.js';
import type { OperationOrigin } from '../../context.js';
import type { Checksum } from './checksum.js';

/** What belongs to one tus request and does not go through the tus server's own interfaces. */
export interface TusRequest {
  origin: OperationOrigin;
  checksum?: Checksum;
  /** `Upload-Metadata` as it came. */
  metadata?: string;
  isPart: boolean;
  /** The upload it is about, once that is known. */
  session?: UploadSession;
  /** Why it failed, where the tus server could only say so by a status. */
  error?: AppError;
}

const requests = new AsyncLocalStorage<TusRequest>();

export const runTusRequest = <T>(request: TusRequest, work: () => Promise<T>): Promise<T> =>
  requests.run(request, work);

/** @throws Error outside of `runTusRequest` */
export function currentTusRequest(): TusRequest {
  const request = requests.getStore();
  if (!request) throw new Error('not within a tus request');
  return request;
}
