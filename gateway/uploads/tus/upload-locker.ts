import type { Locker } from '@tus/server';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../platform/logger.js';
import { AppError } from '../../../schema/errors.js';
import type { LockStore } from './lock-store.js';

/** A lock that this process has. */
export interface Hold {
  /** Greater than that of anybody who had it before and may not know yet that it is theirs no more. */
  readonly epoch: number;
  /** Aborted once the lock may be somebody else's. */
  readonly lost: AbortSignal;
}

/** Locks of uploads, over all gateways: whoever wants one asks its holder to let go of it. */
export interface UploadLocker extends Locker {
  /** What this process has of an upload. */
  held(id: string): Hold | undefined;
  /** Runs `work` under the lock, without waiting for it; undefined where somebody else has it. */
  tryWith<T>(id: string, work: () => Promise<T>): Promise<T | undefined>;
  /** Runs `work` under the lock. @throws AppError UNAVAILABLE where it is not let go of in time */
  with<T>(id: string, work: () => Promise<T>): Promise<T>;
}

interface LocalHold extends Hold {
  holder: string;
  askToRelease: () => void;
  end(): void;
}

/** A hold of a gateway that died lapses after this time, milliseconds. */
export const LOCK_LEASE_MS = 10_000;
const RENEW_MS = 500;
const RETRY_MS = 100;
/** Longer than a lapse, and than a holder takes that is asked to let go. */
const WAIT_MS = 20_000;

const nothing = (): void => undefined;

export function createUploadLocker(deps: {
  store: LockStore;
  log: Logger;
  leaseMs?: number;
  waitMs?: number;
}): UploadLocker {
  const { store, log, leaseMs = LOCK_LEASE_MS, waitMs = WAIT_MS } = deps;
  const holds = new Map<string, LocalHold>();

  function begin(id: string, holder: string, epoch: number, askToRelease: () => void): void {
    const lost = new AbortController();
    let renewedAt = Date.now();
    const renewing = setInterval(() => {
      void store.renew(id, holder).then(
        (state) => {
          renewedAt = Date.now();
          if (state === 'lost') lost.abort();
          if (state === 'wanted') askToRelease();
        },
        (err: unknown) => {
          log.warn({ err }, 'lock of an upload not renewed');
          if (Date.now() - renewedAt > leaseMs) lost.abort();
        },
      );
    }, RENEW_MS);
    const end = () => clearInterval(renewing);
    lost.signal.addEventListener('abort', end, { once: true });
    holds.set(id, { holder, epoch, lost: lost.signal, askToRelease, end });
  }

  async function take(id: string, askToRelease: () => void): Promise<string | undefined> {
    const holder = randomUUID();
    const epoch = await store.take(id, holder);
    if (epoch === undefined) return undefined;
    begin(id, holder, epoch, askToRelease);
    return holder;
  }

  async function wait(id: string, signal: AbortSignal, askToRelease: () => void): Promise<string> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const holder = await take(id, askToRelease);
      if (holder !== undefined) return holder;
      if (Date.now() > deadline) {
        throw new AppError('UNAVAILABLE', { message: 'Another request has hold of the upload: retry.' });
      }
      holds.get(id)?.askToRelease();
      await delay(RETRY_MS, undefined, { signal }).catch(() => {
        throw new AppError('UPLOAD_ABORTED');
      });
    }
  }

  async function release(id: string, holder: string): Promise<void> {
    const hold = holds.get(id);
    if (hold?.holder === holder) holds.delete(id);
    hold?.end();
    await store.release(id, holder).catch((err: unknown) => {
      log.warn({ err }, 'lock of an upload not released; it lapses');
    });
  }

  async function run<T>(id: string, holder: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await release(id, holder);
    }
  }

  return {
    held: (id) => holds.get(id),

    async tryWith(id, work) {
      const holder = await take(id, nothing);
      return holder === undefined ? undefined : run(id, holder, work);
    },

    async with(id, work) {
      return run(id, await wait(id, new AbortController().signal, nothing), work);
    },

    newLock(id) {
      let holder: string | undefined;
      return {
        async lock(signal, cancelReq) {
          holder = await wait(id, signal, () => void cancelReq());
        },
        async unlock() {
          if (holder !== undefined) await release(id, holder);
        },
      };
    },
  };
}
