/** Every error code the platform speaks, with what each edge needs to know about it. */

interface CodePolicy {
  /** HTTP status on REST edges (RFC 9110 section 15). */
  status: number;
  /** Whether the same request or job may succeed later without a change by its sender. */
  retryable: boolean;
  /** A sentence fit for the person who meets the error. */
  message: string;
  /** Runs of a job that may end with it: 1 where it is the media's fault. Absent: as many as are configured. */
  maxFailures?: number;
}

const policies = {
  UNAUTHENTICATED: { status: 401, retryable: false, message: 'A valid API key or access token is required.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'The credentials do not allow this.' },
  NOT_FOUND: { status: 404, retryable: false, message: 'There is no such thing.' },
  BAD_USER_INPUT: { status: 400, retryable: false, message: 'The request has an invalid value.' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, message: 'This cannot be done here.' },
  NOT_IMPLEMENTED: { status: 501, retryable: false, message: 'This server does not offer that.' },
  UNSUPPORTED_CONTENT_TYPE: {
    status: 415,
    retryable: false,
    message: 'The content of the request is of a type that is not taken here.',
  },
  CONFLICT: { status: 409, retryable: false, message: 'The current state does not allow this.' },
  UPLOAD_TOO_LARGE: {
    status: 413,
    retryable: false,
    maxFailures: 1,
    message: 'The file is larger than this server accepts.',
  },
  UPLOAD_ABORTED: {
    status: 400,
    retryable: true,
    message: 'The upload ended before the whole file arrived.',
  },
  UPLOAD_ENDED: { status: 410, retryable: false, message: 'The upload has expired or was given up.' },
  // https://tus.io/protocols/resumable-upload#checksum
  CHECKSUM_MISMATCH: { status: 460, retryable: true, message: 'The bytes did not arrive as they were sent.' },
  QUOTA_EXCEEDED: {
    status: 403,
    retryable: false,
    maxFailures: 1,
    message: 'A limit of the organization is reached.',
  },
  RATE_LIMITED: { status: 429, retryable: true, message: 'Too many requests: retry later.' },
  UNAVAILABLE: { status: 503, retryable: true, message: 'A service this needs is not available: retry.' },
  INTERNAL_SERVER_ERROR: { status: 500, retryable: true, message: 'Something went wrong on our side.' },
  UNSUPPORTED_MEDIA: {
    status: 415,
    retryable: false,
    maxFailures: 1,
    message: 'The file is not a film or a sound recording that can be played.',
  },
  MEDIA_TRUNCATED: {
    status: 422,
    retryable: false,
    // A short count may be the connection's fault once; the same again is the file's.
    maxFailures: 2,
    message: 'The file is damaged or incomplete.',
  },
  MEDIA_TOO_LARGE: {
    status: 422,
    retryable: false,
    maxFailures: 1,
    message: 'The film has more pixels, streams or minutes than this server accepts.',
  },
  SOURCE_UNREACHABLE: { status: 502, retryable: true, message: 'The source could not be read.' },
  SOURCE_FORBIDDEN: {
    status: 403,
    retryable: false,
    maxFailures: 1,
    message: 'The source may not be read.',
  },
  PROCESSING_TIMEOUT: { status: 504, retryable: true, message: 'Processing took longer than allowed.' },
  WORKER_LOST: { status: 500, retryable: true, message: 'The machine that processed the video was lost.' },
  STOPPED: { status: 409, retryable: false, message: 'The video was stopped.' },
  BAD_MESSAGE: { status: 422, retryable: false, message: 'A message could not be understood.' },
  LEASE_LOST: { status: 409, retryable: true, message: 'The job was taken over by another worker.' },
  INTERNAL: { status: 500, retryable: true, message: 'Processing failed on our side.' },
} as const satisfies Record<string, CodePolicy>;

export type ErrorCode = keyof typeof policies;

export const errorCodes = Object.keys(policies) as ErrorCode[];

/** Extra, machine-readable facts about an error: shown to the caller, so never a secret. */
export type ErrorDetails = Record<string, unknown>;

/**
 * The one error type that crosses module borders. `message` is fit for a user unless the code is
 * INTERNAL or INTERNAL_SERVER_ERROR; the technical reason travels as `cause` and is only logged.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails & { message?: string } = {}, options?: ErrorOptions) {
    const { message, ...rest } = details;
    super(message ?? policies[code].message, options);
    this.name = 'AppError';
    this.code = code;
    this.details = rest;
  }

  /** HTTP status of this code. */
  get status(): number {
    return policies[this.code].status;
  }

  get retryable(): boolean {
    return policies[this.code].retryable;
  }

  /** Runs of a job that may end with this code; undefined where the configuration decides. */
  get maxFailures(): number | undefined {
    const policy: CodePolicy = policies[this.code];
    return policy.maxFailures;
  }
}

/** Any thrown value as an AppError: ours as it is, everything else under `fallback`, the original as cause. */
export function toAppError(error: unknown, fallback: ErrorCode = 'INTERNAL_SERVER_ERROR'): AppError {
  return error instanceof AppError ? error : new AppError(fallback, {}, { cause: error });
}
