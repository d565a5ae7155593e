import { RestError } from '@azure/storage-blob';
import { AppError } from '../schema/errors.js';

/** Whether storage has answered with one of these statuses. */
export const hasStatus = (error: unknown, ...statuses: number[]): boolean =>
  error instanceof RestError && error.statusCode !== undefined && statuses.includes(error.statusCode);

/** False for an error that says that `ifMatch` did not hold; throws every other one. */
export function orFalse(error: unknown, ifMatch: string | null | undefined, signal?: AbortSignal): false {
  if (ifMatch !== undefined && hasStatus(error, 409, 412)) return false;
  throw unavailable(error, signal);
}

/** What a call has thrown, in our words: its caller may have given up, or storage has. */
export function unavailable(error: unknown, signal?: AbortSignal): unknown {
  const isRefusal = error instanceof RestError && !hasStatus(error, 400, 404);
  const isTooLate = error instanceof Error && error.name === 'AbortError' && !signal?.aborted;
  return isRefusal || isTooLate ? new AppError('UNAVAILABLE', {}, { cause: error }) : error;
}

/** What the call brings. @throws AppError UNAVAILABLE where storage refuses or does not answer in time */
export const answered = <T>(call: Promise<T>, signal?: AbortSignal): Promise<T> =>
  call.catch((error: unknown) => {
    throw unavailable(error, signal);
  });

/** What the call brings; undefined where there is no such blob. @throws as `answered` */
export async function orUndefined<T>(call: Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw unavailable(error, signal);
  }
}
