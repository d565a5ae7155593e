/** What was thrown, or a reason for an abort, as an error: itself where it is one. */
export const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error('aborted', { cause: reason });
