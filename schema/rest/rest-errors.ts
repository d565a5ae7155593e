import type { ErrorCode } from '../errors.js';
import type { RestRoute } from './rest-route.js';

/** Every code that a route answers with, those included that follow from what it is. */
export function errorsOf(route: RestRoute): ErrorCode[] {
  const { access, body, query, headers, methods, errors = [] } = route;
  const takesBody = methods.some((method) => method !== 'GET' && method !== 'HEAD');
  const isCounted = route.on.includes('gateway') && !route.isUnlimited;
  const implied: ErrorCode[] = [
    ...(access === 'public' || access === 'optional' ? [] : (['UNAUTHENTICATED', 'FORBIDDEN'] as const)),
    ...(access === 'public' ? [] : (['UNAVAILABLE'] as const)),
    ...(query || headers || body || takesBody ? (['BAD_USER_INPUT'] as const) : []),
    ...(takesBody ? (['UNSUPPORTED_CONTENT_TYPE', 'UPLOAD_TOO_LARGE'] as const) : []),
    ...(isCounted ? (['RATE_LIMITED'] as const) : []),
    'INTERNAL_SERVER_ERROR',
  ];
  return [...new Set([...implied, ...errors])];
}
