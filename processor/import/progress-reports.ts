import type { Logger } from '../../platform/logger.js';
import type { ImportProgress } from './import-source.js';

/** Passes on how far an import is, the latest only, and at most once a second. */
export interface ProgressReports {
  report(progress: ImportProgress): void;
  /** Sends no more; resolves when none is being sent. */
  end(): Promise<void>;
}

const INTERVAL_MS = 1_000;

export function createProgressReports(deps: {
  send: (progress: ImportProgress) => Promise<void>;
  log: Logger;
  intervalMs?: number;
}): ProgressReports {
  const { intervalMs = INTERVAL_MS } = deps;
  let latest: ImportProgress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let hasEnded = false;

  function sendLatest(): void {
    timer = undefined;
    if (!latest || sending || hasEnded) return;
    const progress = latest;
    latest = undefined;
    timer = setTimeout(sendLatest, intervalMs);
    sending = deps
      .send(progress)
      .catch((err: unknown) => deps.log.warn({ err }, 'progress of an import not stored'))
      .finally(() => (sending = undefined));
  }

  return {
    report(progress) {
      latest = progress;
      if (!timer) sendLatest();
    },
    async end() {
      hasEnded = true;
      clearTimeout(timer);
      await sending;
    },
  };
}
