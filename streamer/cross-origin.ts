import { addToHeader } from './add-to-header.js';
import type { AnswerHeaders, StreamRequest } from './stream-request.js';

/**
 * Names the origin that may read an answer, where only some may; scripts of other pages get none. Answers then differ
 * by origin, also for caches.
 */
export function limitOrigins(
  { headers: { origin } }: Pick<StreamRequest, 'headers'>,
  headers: AnswerHeaders,
  origins: readonly string[] | undefined,
): void {
  if (!origins) return;
  addToHeader(headers, 'vary', 'Origin');
  if (typeof origin === 'string' && origins.includes(origin)) headers['access-control-allow-origin'] = origin;
  else delete headers['access-control-allow-origin'];
}
