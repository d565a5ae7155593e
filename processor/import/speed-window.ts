/** Watches whether a source keeps up a least average speed. */
export interface SpeedWindow {
  /** Adds what came after `waitedMs` of waiting for it; false once a whole window was too slow. */
  add(bytes: number, waitedMs: number): boolean;
}

/**
 * Windows follow one another; each is judged once `windowMs` were waited in it. Only waiting for the source
 * counts: the time that its reader takes is not the source's fault.
 */
export function createSpeedWindow(rule: { windowMs: number; leastBytesPerSecond: number }): SpeedWindow {
  let bytes = 0;
  let waitedMs = 0;
  return {
    add(moreBytes, moreMs) {
      bytes += moreBytes;
      waitedMs += moreMs;
      if (waitedMs < rule.windowMs) return true;
      const isFast = bytes * 1_000 >= rule.leastBytesPerSecond * waitedMs;
      bytes = 0;
      waitedMs = 0;
      return isFast;
    },
  };
}
