import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { type Context, makeServer, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Logger } from '../../platform/logger.js';
import { AppError, toAppError } from '../../schema/errors.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { Caller } from '../auth/caller.js';
import { connectionCredential } from '../auth/connection-credential.js';
import type { ContextFactory } from '../context.js';
import { isOurFault, publicError, type PublicError } from '../graphql-error.js';
import type { RequestLimits } from '../limits/request-limits.js';
import type { SocketOperations } from './socket-operations.js';

/** What is known of one connection; the credential only once it was accepted. */
export interface Connection {
  socket: WebSocket;
  requestId: string;
  address: string;
  /** Of the page that opened it. */
  origin?: string;
  log: Logger;
  admitted?: { credential: string; caller: Caller };
}

type ConnectionContext = Context<Record<string, unknown>, Connection>;

const INIT_TIMEOUT_MS = 3_000;
/** After a restart everybody comes at once: those who come within this time are verified together, milliseconds. */
const ADMITTED_TOGETHER_MS = 10;
const MAX_ADMITTED_TOGETHER = 500;
/** Operations one connection may have under way. */
const MAX_OPERATIONS = 100;
/** RFC 6455 registry: the server cannot serve now, but may soon. */
const TRY_AGAIN_LATER = 1013;

/** The graphql-ws protocol under the gateway's rules: who may connect, what may be asked, what is told. */
export function createSocketProtocol(deps: {
  operations: SocketOperations;
  contextOf: ContextFactory;
  authenticator: Authenticator;
  limits: RequestLimits;
}): Server<Connection> {
  // A connection lives long: it begins with what its caller may do at this moment.
  const callers = new DataLoader<string, Caller | undefined>(
    async (credentials) => {
      const verified = await deps.authenticator.verifyAll([...new Set(credentials)]);
      return credentials.map((credential) => verified.get(credential));
    },
    {
      cache: false,
      maxBatchSize: MAX_ADMITTED_TOGETHER,
      batchScheduleFn: (verify) => setTimeout(verify, ADMITTED_TOGETHER_MS),
    },
  );

  async function admit({ connectionParams, extra }: ConnectionContext): Promise<boolean> {
    const credential = connectionCredential(connectionParams);
    if (credential === undefined) return false;
    try {
      const caller = await callers.load(credential);
      // Where a key may be used from never changes: it is looked at once, and not for many together.
      if (!caller || !(await deps.authenticator.verify(credential, extra))) return false;
      extra.admitted = { credential, caller };
      return true;
    } catch (err) {
      extra.log.warn({ err }, 'credentials of a connection not verified');
      extra.socket.close(TRY_AGAIN_LATER, 'Try again later');
      return false;
    }
  }

  /** An operation counts as a request does. */
  async function overLimit({ address, admitted }: Connection): Promise<AppError | undefined> {
    try {
      deps.limits.takeFromAddress(address, { hasCredential: true });
      if (admitted) await deps.limits.takeFromCaller(admitted.caller);
      return undefined;
    } catch (error) {
      return toAppError(error);
    }
  }

  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: admit,
    async onSubscribe({ subscriptions, extra }, _id, payload) {
      if (Object.keys(subscriptions).length > MAX_OPERATIONS) return [refusal(tooMany())];
      const refused = await overLimit(extra);
      if (refused) return [refusal(refused)];
      const { admitted, requestId, address, log } = extra;
      const prepared = deps.operations.prepare(payload);
      if (!admitted || !('document' in prepared)) return prepared;
      const origin = { caller: admitted.caller, requestId, address, log };
      return { ...prepared, contextValue: deps.contextOf(origin) };
    },
    onNext: ({ extra }, _id, _payload, _args, { errors, ...result }) =>
      errors ? { ...result, errors: tell(errors, extra) } : undefined,
    onError: ({ extra }, _id, _payload, errors) => tell(errors, extra),
  });
}

const refusal = (originalError: AppError): GraphQLError => new GraphQLError('', { originalError });

const tooMany = (): AppError =>
  new AppError('RATE_LIMITED', {
    message: `A connection may have ${MAX_OPERATIONS} operations under way.`,
    retryAfterSeconds: 1,
  });

function tell(errors: readonly GraphQLError[], { requestId, log }: Connection): PublicError[] {
  for (const error of errors.filter(isOurFault)) {
    log.error({ err: error.originalError ?? error, path: error.path }, 'operation failed');
  }
  return errors.map((error) => publicError(error, requestId));
}
