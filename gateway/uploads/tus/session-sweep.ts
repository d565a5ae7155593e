import type { Logger } from '../../../platform/logger.js';
import { AppError } from '../../../schema/errors.js';
import type { UploadSession } from '../../../schema/upload-session.js';
import type { Arrivals } from './arrivals.js';
import type { Joiner } from './joiner.js';
import type { SessionEnds } from './session-end.js';
import type { SessionStore } from './session-store.js';
import type { UploadLocker } from './upload-locker.js';

const BATCH = 50;

/**
 * Ends uploads whose time is over, and goes on with what gateways that died have left. Any gateway may. Resolves to
 * how many uploads were looked after.
 */
export type SessionSweep = () => Promise<number>;

export function createSessionSweep(deps: {
  sessions: Pick<SessionStore, 'listExpired' | 'listOrphaned' | 'listUncleaned'>;
  locker: Pick<UploadLocker, 'tryWith'>;
  ends: SessionEnds;
  arrivals: Pick<Arrivals, 'forgetFailed'>;
  joiner: Pick<Joiner, 'resume'>;
  log: Logger;
}): SessionSweep {
  const { sessions, locker, ends, log } = deps;

  /** One after the other, so that a heap of them does not take storage from everybody else. */
  async function each(
    list: (limit: number) => Promise<UploadSession[]>,
    work: (session: UploadSession) => Promise<void>,
  ): Promise<number> {
    const found = await list(BATCH);
    for (const session of found) {
      await locker
        .tryWith(session._id, () => work(session))
        .catch((err: unknown) => log.warn({ err, videoId: session.videoId }, 'upload not swept yet'));
    }
    return found.length;
  }

  return async () => {
    const expired = await each(sessions.listExpired, (session) => ends.end(session, 'EXPIRED'));
    const orphaned = await each(sessions.listOrphaned, (session) =>
      ends.end(session, new AppError('UPLOAD_ABORTED')),
    );
    const uncleaned = await each(sessions.listUncleaned, (session) => ends.clean(session));
    await deps.joiner.resume();
    await deps.arrivals.forgetFailed();
    return expired + orphaned + uncleaned;
  };
}
