import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { Agent, buildConnector } from 'undici';
import { AppError } from '../schema/errors.js';
import { forbiddenAddress, readOutsideUrl } from './outside-url.js';
import type { AddressRule } from './public-address.js';

/** By name, in small letters; what came more than once is joined by commas. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

/** What a server outside has answered. */
export interface OutsideAnswer {
  status: number;
  headers: AnswerHeaders;
  body: Readable;
  /** Closes the connection, whatever is still to come. */
  close(): Promise<void>;
}

/**
 * Asks a server that a stranger has named, without being led to where strangers have no business: every
 * address of a name is checked, and the connection made to one of those that were. Redirects are followed,
 * each checked again. No proxy is used, whatever the environment says.
 * @throws AppError SOURCE_FORBIDDEN for what may not be read, SOURCE_UNREACHABLE for what does not answer,
 * `signal`'s reason once it is aborted
 */
export type GuardedFetch = (
  url: URL,
  options: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<OutsideAnswer>;

/** Every address of a name; that of an address is itself. */
export type ResolveName = (name: string) => Promise<string[]>;

export interface FetchLimits {
  resolveMs: number;
  /** For each address of a name, TLS included. */
  connectMs: number;
  /** Until the whole head of the answer is there. */
  headMs: number;
  /** Between two pieces of the body, as long as somebody reads it. */
  idleMs: number;
  headBytes: number;
  redirects: number;
}

export const fetchLimits: FetchLimits = {
  ...{ resolveMs: 10_000, connectMs: 5_000, headMs: 30_000, idleMs: 30_000 },
  ...{ headBytes: 32 * 1024, redirects: 5 },
};

/** Addresses of one name that are tried one after the other. */
const MAX_ADDRESSES = 3;

const resolveBySystem: ResolveName = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address);

interface Guard {
  isAllowed: AddressRule;
  resolve: ResolveName;
  limits: FetchLimits;
}

export function createGuardedFetch(deps: {
  isAllowed: AddressRule;
  resolve?: ResolveName;
  limits?: Partial<FetchLimits>;
}): GuardedFetch {
  const { isAllowed, resolve = resolveBySystem } = deps;
  const guard: Guard = { isAllowed, resolve, limits: { ...fetchLimits, ...deps.limits } };

  return async (start, options) => {
    let url = readOutsideUrl(start.href, isAllowed);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await ask(guard, url, options);
      const location = redirectOf(answer);
      if (location === undefined) return answer;
      await answer.close();
      if (redirects === guard.limits.redirects) throw new AppError('SOURCE_FORBIDDEN', tooManyRedirects);
      url = followed(location, url, isAllowed);
    }
  };
}

const tooManyRedirects = { message: 'The address leads on to others without an end.' };

const redirectOf = ({ status, headers }: OutsideAnswer): string | undefined =>
  [301, 302, 303, 307, 308].includes(status) ? headers['location'] : undefined;

function followed(location: string, from: URL, isAllowed: AddressRule): URL {
  try {
    return readOutsideUrl(location, isAllowed, from);
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'SOURCE_FORBIDDEN') throw cause;
    throw new AppError('SOURCE_FORBIDDEN', { message: 'The address leads to none that can be read.' });
  }
}

/** One request over a connection of its own, so that nothing of it outlives it. */
async function ask(
  { isAllowed, resolve, limits }: Guard,
  url: URL,
  options: { headers: Record<string, string>; signal: AbortSignal },
): Promise<OutsideAnswer> {
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const agent = new Agent({
    connect: connector({ isAllowed, resolve, limits }, signal),
    connections: 1,
    // One request a connection, which it is told by `Connection: close`.
    pipelining: 0,
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headMs,
    bodyTimeout: limits.idleMs,
  });
  async function close(): Promise<void> {
    ended.abort();
    await agent.destroy();
  }
  try {
    const { origin, pathname, search } = url;
    const path = `${pathname}${search}`;
    const { headers } = options;
    const answer = await agent.request({ origin, path, method: 'GET', headers, signal });
    const { statusCode: status, headers: answered, body } = answer;
    // Who closes it in the middle has heard enough of it.
    body.on('error', () => undefined);
    return { status, headers: joined(answered), body, close };
  } catch (error) {
    await close();
    options.signal.throwIfAborted();
    throw unreachable(error);
  }
}

const joined = (headers: Record<string, string | string[] | undefined>): AnswerHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );

/** Connects to the first address of a name that can be, once all of them are allowed. */
function connector(guard: Guard, signal: AbortSignal): buildConnector.connector {
  const socketOptions = { timeout: guard.limits.connectMs, autoSelectFamily: false, signal };
  const open = buildConnector(socketOptions);

  const connectTo = (target: buildConnector.Options): Promise<Socket> =>
    new Promise((resolve, reject) => {
      open(target, (error, socket) => (error ? reject(error) : resolve(socket)));
    });

  async function connect(target: buildConnector.Options): Promise<Socket> {
    let failure: unknown = new Error('the name has no address');
    for (const hostname of await checkedAddresses(guard, target.hostname, signal)) {
      signal.throwIfAborted();
      try {
        // The name stays as `host`: certificates are verified against it.
        return await connectTo({ ...target, hostname });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  return (target, done) => {
    connect(target).then(
      (socket) => done(null, socket),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** The addresses that a name may be reached at. One bad one spoils all: nobody has such by accident. */
async function checkedAddresses(guard: Guard, name: string, signal: AbortSignal): Promise<string[]> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(guard.limits.resolveMs)]);
  const addresses = await orAborted(guard.resolve(name), late);
  if (!addresses.every(guard.isAllowed)) throw forbiddenAddress();
  return addresses.slice(0, MAX_ADDRESSES);
}

/** A look-up cannot be broken off: it is left alone. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const done = new AbortController();
  const aborted = once(signal, 'abort', { signal: done.signal }).then(
    () => Promise.reject(signal.reason as Error),
    () => work,
  );
  return Promise.race([work, aborted]).finally(() => done.abort());
}

const unreachable = (cause: unknown): AppError =>
  cause instanceof AppError ? cause : new AppError('SOURCE_UNREACHABLE', {}, { cause });
