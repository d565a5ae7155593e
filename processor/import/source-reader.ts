import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuardedFetch, OutsideAnswer } from '../../platform/guarded-fetch.js';
import { AppError } from '../../schema/errors.js';
import { decodeBody, isEncoded } from './decode-body.js';
import { refusedAnswer, retryAfterMs } from './refused-answer.js';
import { continues, requestHeaders, sourceFacts, type SourceFacts } from './source-facts.js';
import { createSpeedWindow, type SpeedWindow } from './speed-window.js';

export interface ReaderLimits {
  /** Tries in a row that bring nothing new, and tries in all. */
  fruitlessTries: number;
  tries: number;
  /** Before the second try in a row; twice as long before each one after it. */
  firstDelayMs: number;
  /** The longest that a source may ask to be left alone and still be waited for. */
  maxRetryAfterMs: number;
  /** Slowest average over a window. */
  windowMs: number;
  leastBytesPerSecond: number;
}

export const readerLimits: ReaderLimits = {
  ...{ fruitlessTries: 4, tries: 100, firstDelayMs: 1_000, maxRetryAfterMs: 60_000 },
  ...{ windowMs: 30_000, leastBytesPerSecond: 16 * 1024 },
};

/** The source broke off and cannot be gone on with from there: all that came of it is worth nothing. */
export class MustBeginAnew extends Error {
  constructor(
    readonly receivedBytes: number,
    cause?: unknown,
  ) {
    super('the source cannot be gone on with', { cause });
  }
}

export interface ReadOptions {
  signal: AbortSignal;
  /** How many bytes the source says it has. */
  onAnnounced?: (totalBytes: number) => void;
}

/**
 * The bytes of a source, once each and in order, over as many connections as that takes.
 * @throws MustBeginAnew, AppError SOURCE_UNREACHABLE, SOURCE_FORBIDDEN or MEDIA_TRUNCATED, the signal's reason
 */
export type ReadSource = (url: URL, options: ReadOptions) => AsyncGenerator<Buffer, void>;

interface Reading extends ReadOptions {
  url: URL;
  speed: SpeedWindow;
  facts?: SourceFacts;
  /** Bytes that have come. */
  offset: number;
}

/** Why a try ended before the source did. */
interface Broken {
  error: AppError;
  retryAfterMs?: number;
  /** It was answered, and the answer ended before the source did. */
  isShort?: boolean;
}

export function createSourceReader(deps: {
  fetch: GuardedFetch;
  limits?: Partial<ReaderLimits>;
  random?: () => number;
}): ReadSource {
  const { fetch, random = Math.random } = deps;
  const limits = { ...readerLimits, ...deps.limits };

  return async function* (url, options) {
    const reading: Reading = { ...options, url, speed: createSpeedWindow(limits), offset: 0 };
    let fruitless = 0;
    for (let tries = 1; ; tries += 1) {
      const before = reading.offset;
      const broken = yield* readOn(fetch, reading);
      if (!broken) return;
      fruitless = reading.offset > before ? 0 : fruitless + 1;
      if (fruitless === limits.fruitlessTries || tries === limits.tries)
        throw lastWord(broken, reading.offset);
      const backoffMs = random() * limits.firstDelayMs * 2 ** fruitless;
      const askedMs = Math.min(broken.retryAfterMs ?? 0, limits.maxRetryAfterMs);
      await pause(Math.max(backoffMs, askedMs), options.signal);
    }
  };
}

/** A source that always ends at the same byte has no more, whatever it says. */
const lastWord = ({ error, isShort }: Broken, offset: number): AppError =>
  isShort && offset > 0 ? endsTooSoon(offset, error) : error;

export const endsTooSoon = (offset: number, cause: unknown): AppError =>
  new AppError(
    'MEDIA_TRUNCATED',
    { message: `The source ends after ${offset} bytes, before the end that it announces.` },
    { cause },
  );

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** One try: passes on what it brings, and returns why it ended early, if it did. */
async function* readOn(fetch: GuardedFetch, reading: Reading): AsyncGenerator<Buffer, Broken | undefined> {
  const opened = await open(fetch, reading);
  if ('error' in opened) return opened;
  try {
    yield* measured(opened.body, reading);
  } catch (cause) {
    reading.signal.throwIfAborted();
    if (cause instanceof AppError) throw cause;
    return brokenOff(reading, cause);
  } finally {
    await opened.answer.close();
  }
  const { totalBytes = reading.offset } = reading.facts ?? {};
  if (reading.offset > totalBytes) throw new MustBeginAnew(reading.offset);
  return reading.offset < totalBytes ? brokenOff(reading) : undefined;
}

async function* measured(body: Readable, reading: Reading): AsyncGenerator<Buffer> {
  let waitingSince = performance.now();
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (!reading.speed.add(piece.length, performance.now() - waitingSince)) throw tooSlow();
    reading.offset += piece.length;
    yield piece;
    waitingSince = performance.now();
  }
}

const tooSlow = (): AppError =>
  new AppError('SOURCE_UNREACHABLE', { message: 'The source is sent too slowly.' });

function brokenOff({ offset }: Reading, cause?: unknown): Broken {
  const message = `The source broke off after ${offset} bytes.`;
  return { error: new AppError('SOURCE_UNREACHABLE', { message }, { cause }), isShort: true };
}

type Opened = { answer: OutsideAnswer; body: Readable } | Broken;

/** Asks for what is still to come. */
async function open(fetch: GuardedFetch, reading: Reading): Promise<Opened> {
  const { url, facts, offset, signal } = reading;
  if (offset > 0 && !facts?.canResume) throw new MustBeginAnew(offset);
  let answer: OutsideAnswer;
  try {
    answer = await fetch(url, { headers: requestHeaders(facts, offset), signal });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'SOURCE_UNREACHABLE') throw error;
    return { error };
  }
  try {
    return accept(answer, reading) ?? (await refuse(answer));
  } catch (error) {
    await answer.close();
    throw error;
  }
}

/** The body of an answer that begins where it should; undefined for one without a file. */
function accept(answer: OutsideAnswer, reading: Reading): Opened | undefined {
  const { status, headers } = answer;
  const { facts, offset } = reading;
  if (offset > 0 && facts) {
    if (continues(facts, offset, answer)) return { answer, body: answer.body };
    if ([200, 206, 416].includes(status)) throw new MustBeginAnew(offset);
    return undefined;
  }
  if (status !== 200) return undefined;
  const encoding = headers['content-encoding'];
  reading.facts = sourceFacts(answer, isEncoded(encoding));
  if (reading.facts.totalBytes !== undefined) reading.onAnnounced?.(reading.facts.totalBytes);
  return { answer, body: decodeBody(answer.body, encoding) };
}

async function refuse(answer: OutsideAnswer): Promise<Broken> {
  const error = refusedAnswer(answer.status);
  if (error.code !== 'SOURCE_UNREACHABLE') throw error;
  await answer.close();
  return { error, retryAfterMs: retryAfterMs(answer.headers, Date.now()) };
}
