import { parse } from 'node:querystring';
import { isPromise } from 'node:util/types';
import { isPlaceBound } from '../platform/audience.js';
import type { Logger } from '../platform/logger.js';
import { newSessionId } from '../platform/playback-claims.js';
import { logFailure, problemType, retryAfter, toProblem } from '../platform/problem.js';
import type { OpenedClaims, Tokens } from '../platform/tokens.js';
import { generationPrefix } from '../schema/blob-paths.js';
import { AppError, toAppError } from '../schema/errors.js';
import { checkPart } from '../platform/rest/check-part.js';
import { deliveryDirectives } from '../schema/rest/playback-routes.js';
import { viewingOf } from './access-log.js';
import { addToHeader } from './add-to-header.js';
import type { Admission, PublicAccess, Revocations } from './admission.js';
import type { BlockingReload } from './blocking-reload.js';
import { limitOrigins } from './cross-origin.js';
import type { GenerationWatch } from './generation-watch.js';
import { rewriteMaster, upTo } from './master-playlist.js';
import { openHeaders, retryLater } from './open-headers.js';
import type { Prefetch } from './prefetch.js';
import { cacheControl, contentTypes } from './published-file.js';
import type { Found, SegmentCache } from './segment-cache.js';
import { answerFile, answerStoredText, answerText, isText } from './stored-answer.js';
import { ACTIVE_SECONDS, type Devices } from './stream-log/devices.js';
import type { AnswerHeaders, FilePart, StreamAnswer, StreamRequest } from './stream-request.js';
import { parseStreamTarget, type StreamTarget } from './stream-target.js';
import type { Transfers } from './transfers.js';

/** It is rewritten with other tokens after each hour. */
const PUBLIC_MASTER = 'public, max-age=5';

/** `undefined`: the client has left. */
type Outcome = StreamAnswer | Promise<StreamAnswer | undefined>;

/** Answers requests for published files: at once where that can be done from memory. Never throws, never rejects. */
export type StreamAnswers = (request: StreamRequest) => Outcome;

export interface StreamAnswersDeps {
  log: Logger;
  tokens: Tokens;
  files: SegmentCache;
  blocking: BlockingReload;
  prefetch: Prefetch;
  transfers: Transfers;
  generations: GenerationWatch;
  admission: Admission;
  devices: Devices;
  revocations: Pick<Revocations, 'isComplete'>;
  publicVideos: Pick<PublicAccess, 'open'>;
  now: () => number;
}

/** A request, and what is decided of its answer. */
interface Draft {
  request: StreamRequest;
  headers: AnswerHeaders;
}

/** One whose token was opened. */
interface Admitted extends Draft {
  target: StreamTarget;
  claims: OpenedClaims;
  /** Media Sequence Number of the segment that the playlist is to have. */
  msn: number | undefined;
}

/**
 * The published files of one generation, under a token: `GET|HEAD /stream/:encryptedPath`. Whatever is wrong with a
 * token, a name or a viewer, the answer is the same 403.
 */
export function createStreamAnswers(deps: StreamAnswersDeps): StreamAnswers {
  return (request) => {
    const draft: Draft = { request, headers: { ...openHeaders } };
    const refuse = (error: unknown) => refusal(deps.log, draft, error);
    const note = (answer: StreamAnswer | undefined) => noted(request, answer);
    try {
      const outcome = open(deps, draft);
      return isPromise(outcome) ? outcome.then(note, refuse) : noted(request, outcome);
    } catch (error) {
      return refuse(error);
    }
  };
}

/** Tells those who count answers what they can't see of this one. */
function noted<T extends StreamAnswer | undefined>({ streaming }: StreamRequest, answer: T): T {
  if (streaming && answer) streaming.hasEnd = hasEnd(answer);
  return answer;
}

/** Whether the end of a file is in an answer. */
const hasEnd = ({ status, body }: StreamAnswer): boolean =>
  status === 200 || (status === 206 && body !== undefined && 'file' in body && reachesEnd(body));

const reachesEnd = ({ file, range }: FilePart): boolean => range.end + 1 === file.body.length;

function refusal(log: Logger, { request, headers }: Draft, error: unknown): StreamAnswer {
  const known = toAppError(error);
  if (known.status >= 500) logFailure(log.child({ requestId: request.id }), known, error);
  const body = Buffer.from(JSON.stringify(toProblem(known, request.id)));
  const told = { 'cache-control': 'no-store', 'content-type': problemType, 'content-length': body.length };
  Object.assign(headers, told, retryLater(known), retryAfter(known));
  return { status: known.status, headers, body };
}

/** @throws AppError whatever is wrong */
function open(deps: StreamAnswersDeps, draft: Draft): Outcome {
  // What nobody has told us of yet might be revoked.
  if (!deps.revocations.isComplete()) throw new AppError('UNAVAILABLE');
  const { url } = draft.request;
  const msn = awaitedSegment(url);
  const target = parseStreamTarget(url);
  if (!target) throw new AppError('FORBIDDEN');
  if (!target.isPublic)
    return admit(deps, { ...draft, target, msn, claims: deps.tokens.open(target.token, target.purpose) });
  return untilClosed(draft, 'database', (signal) => deps.publicVideos.open(target, signal)).then((claims) =>
    admit(deps, { ...draft, target, msn, claims }),
  );
}

/**
 * The segment that a playlist is to have.
 * @throws AppError BAD_USER_INPUT for what is no number, and for a part of no segment.
 */
function awaitedSegment(url: string): number | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  const { _HLS_msn: msn, _HLS_part: part } = checkPart(
    deliveryDirectives,
    parse(url.slice(query + 1)),
    'query',
  );
  if (msn !== undefined) return Number(msn);
  if (part === undefined) return undefined;
  throw new AppError('BAD_USER_INPUT', { field: '_HLS_part', message: 'A part needs its segment.' });
}

/** @throws AppError FORBIDDEN */
function admit(
  deps: StreamAnswersDeps,
  { claims, ...draft }: Omit<Admitted, 'claims'> & { claims: OpenedClaims | undefined },
): Outcome {
  const { request, target } = draft;
  const { kind, file } = target;
  const { address, headers } = request;
  const viewer = { address, referrer: headers.referer as string | undefined };
  if (!claims || !deps.admission.admits(claims, file, viewer)) throw new AppError('FORBIDDEN');
  request.streaming = { kind, file, playback: claims, address };
  const admitted = { ...draft, claims };
  if (kind !== 'master' || request.method !== 'GET' || claims.audience?.maxConcurrent === undefined)
    return serve(deps, admitted);
  return requireDevice(deps, admitted, claims.audience.maxConcurrent).then(() => serve(deps, admitted));
}

/** @throws AppError RATE_LIMITED where the viewer watches on as many devices as they may */
async function requireDevice(
  { devices }: StreamAnswersDeps,
  { request }: Admitted,
  maxConcurrent: number,
): Promise<void> {
  if (!request.streaming || (await devices.admits(viewingOf(request, request.streaming), maxConcurrent)))
    return;
  throw new AppError('RATE_LIMITED', {
    retryAfterSeconds: ACTIVE_SECONDS,
    message: 'You watch on as many devices as you may: stop one of them.',
  });
}

/** @throws AppError NOT_FOUND, UNAVAILABLE */
function serve(deps: StreamAnswersDeps, admitted: Admitted): Outcome {
  const { target, claims, msn } = admitted;
  const prefix = generationPrefix(claims.videoId, claims.generation);
  if (deps.generations.isGone(prefix)) throw new AppError('NOT_FOUND');
  const key = prefix + target.file;
  const isAwaited = target.kind === 'media' && msn !== undefined;
  const known = isAwaited ? undefined : deps.files.recall(key);
  if (known) return answer(deps, admitted, known, prefix);
  const found = isAwaited
    ? untilClosed(admitted, 'playlist', (signal) => deps.blocking.wait(key, msn, signal))
    : untilClosed(admitted, 'storage', (signal) => deps.files.load(key, target.kind, signal));
  return found.then((file) => {
    if (admitted.request.receiver.destroyed) return undefined;
    // Whoever waited may have outlived the film.
    if (!file || deps.generations.isGone(prefix)) throw new AppError('NOT_FOUND');
    return answer(deps, admitted, file, prefix);
  });
}

/** Waits no longer than the client waits for us; undefined once it has left. Says how long it took. */
async function untilClosed<T>(
  { request: { receiver }, headers }: Draft,
  whom: 'database' | 'storage' | 'playlist',
  work: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T | undefined> {
  const client = new AbortController();
  const onClose = () => client.abort();
  receiver.once('close', onClose);
  const startedAt = performance.now();
  try {
    return await work(client.signal);
  } catch (error) {
    if (client.signal.aborted) return undefined;
    throw error;
  } finally {
    receiver.removeListener('close', onClose);
    tellTiming(headers, `${whom};dur=${Math.round(performance.now() - startedAt)}`);
  }
}

/** @throws AppError UNAVAILABLE where the file's memory was given back in the meantime */
function answer(
  deps: StreamAnswersDeps,
  { request, headers, target, claims }: Admitted,
  { file, outcome }: Found,
  prefix: string,
): StreamAnswer | Promise<StreamAnswer> {
  const isHeld = deps.files.copyOf(prefix + target.file) === file;
  if (!deps.transfers.begin(request.receiver, file, isHeld)) throw new AppError('UNAVAILABLE');
  if (target.kind === 'segment' && request.method === 'GET') deps.prefetch.follow(prefix, target.file, file);
  limitOrigins(request, headers, claims.origins);
  tellTiming(headers, `cache;desc=${outcome}`);
  const secondsLeft = (claims.expiresAt.getTime() - deps.now()) / 1000;
  headers['content-type'] = contentTypes[target.kind];
  const bounds = { secondsLeft, isShared: isShared(claims) };
  headers['cache-control'] = cacheControl(target.kind, file.final, bounds);
  if (!isText(target.kind)) return answerFile(request, file, headers);
  if (target.kind !== 'master') return answerStoredText(request, file, headers);
  if (target.isPublic) headers['cache-control'] = PUBLIC_MASTER;
  const master = upTo(file.body.bytes().toString('utf8'), claims.audience?.maxHeight);
  const begun = beginSession(claims);
  if (request.streaming) request.streaming.playback = begun;
  return answerText(request, rewriteMaster(master, deps.tokens.sealMedia(begun)), headers);
}

/** In the header `Server-Timing` (https://www.w3.org/TR/server-timing/). */
const tellTiming = (headers: AnswerHeaders, metric: string): void =>
  addToHeader(headers, 'server-timing', metric);

/** Whether a cache may give it to others: what is bound to a place or can be taken from one viewer alone comes from us. */
const isShared = ({ audience, viewer }: OpenedClaims): boolean =>
  !viewer && (!audience || !isPlaceBound(audience));

/** A named viewer who opens the master begins a session, which all that is asked for then belongs to. */
const beginSession = (claims: OpenedClaims): OpenedClaims =>
  claims.viewer ? { ...claims, viewer: { ...claims.viewer, sessionId: newSessionId() } } : claims;
