import { createHmac } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { KeyRing } from '../../platform/key-ring.js';
import type { Lifecycle } from '../../platform/lifecycle.js';
import type { Logger } from '../../platform/logger.js';
import { repeat } from '../../platform/repeat.js';
import { createDevices, type Devices } from './devices.js';
import { identify } from './live-session.js';
import { createLogMetrics } from './log-metrics.js';
import { createSessionFlush, type SessionStore } from './session-flush.js';
import { createSessionLog, type SessionLog } from './session-log.js';

/** The stream log of one process. */
export interface StreamLog {
  sessions: SessionLog;
  devices: Devices;
  /** Stores sessions as they change, and what is left when the process closes: to be called before answers begin. */
  start: (lifecycle: Pick<Lifecycle, 'signal' | 'onClose'>) => void;
  /** Stores what has changed. @throws what the store throws */
  flush: () => Promise<void>;
}

/** What a crash can lose, milliseconds. */
const FLUSH_EVERY_MS = 1_000;

/** Characters of a keyed hash, 6 bits each. */
const HASH_CHARS = 22;

export function createStreamLog(deps: {
  store: SessionStore;
  keyRing: Pick<KeyRing, 'signing'>;
  metrics: Registry;
  log: Logger;
  maxSessions?: number;
  now?: () => number;
}): StreamLog {
  const { store, keyRing, log, maxSessions, now } = deps;
  const metrics = createLogMetrics(deps.metrics);
  const key = keyRing.signing.viewer;
  const hash = (text: string) =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, HASH_CHARS);
  const sessions = createSessionLog({
    hash,
    onDropped: () => metrics.dropped('full'),
    ...{ maxSessions, now },
  });
  metrics.watch(sessions);
  const flushAll = createSessionFlush({ sessions, store, log, onGivenUp: (why) => metrics.dropped(why) });
  const flush = async () => metrics.stored(await flushAll());

  const devices = createDevices({
    identify: (viewing) => identify(viewing, hash),
    activeSince: (viewer, since) => store.devicesOf(viewer, since),
    ...{ log, now },
  });

  return {
    sessions,
    devices,
    flush,
    start({ signal, onClose }) {
      const task = { name: 'stream log', intervalMs: FLUSH_EVERY_MS, log, task: flush };
      const running = repeat({ ...task, signal });
      onClose('stream log', async () => {
        await running;
        await flush();
      });
    },
  };
}
