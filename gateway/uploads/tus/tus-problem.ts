import { AppError, type ErrorCode } from '../../../schema/errors.js';
import { type Problem, toProblem } from '../../../platform/problem.js';

const codes: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'UPLOAD_ENDED',
  413: 'UPLOAD_TOO_LARGE',
  460: 'CHECKSUM_MISMATCH',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'UNAVAILABLE',
};

/** What the tus server refused with a status of its own, as a problem with one of our codes. */
export function tusProblem(status: number, text: string, requestId: string): Problem {
  const code = codes[status] ?? (status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_USER_INPUT');
  const message = text.trim();
  const error = new AppError(code, message === '' || status >= 500 ? {} : { message });
  return { ...toProblem(error, requestId), status };
}
