import { WorkSpeed } from '../schema/dispatch-state.js';
import type { Database } from './mongo.js';

/** One chunk that was encoded. */
export interface SpeedSample {
  /** Weighted pixels. */
  work: number;
  /** Time it took on its slot. */
  seconds: number;
  /** Weighted pixels a second to start from where nothing was measured yet. */
  expected: number;
}

/** How fast one slot really is, over all workers: what predictions are made from. */
export interface SpeedStore {
  /** Weighted pixels a second; undefined before the first chunk. */
  measured(): Promise<number | undefined>;
  learn(sample: SpeedSample): Promise<void>;
}

/** A chunk that took this long counts as much as all before it; in a short one it is starting that takes time. */
const EQUAL_WEIGHT_SECONDS = 30;

export function createSpeedStore(deps: { db: Database }): SpeedStore {
  const speeds = deps.db.model(WorkSpeed);

  return {
    async measured() {
      return (await speeds.findById('chunk').lean())?.pixelsPerSecond;
    },
    async learn({ work, seconds, expected }) {
      if (!(work > 0 && seconds > 0)) return;
      const weight = seconds / (seconds + EQUAL_WEIGHT_SECONDS);
      const before = { $multiply: [{ $ifNull: ['$pixelsPerSecond', expected] }, 1 - weight] };
      await speeds.updateOne(
        { _id: 'chunk' },
        [{ $set: { pixelsPerSecond: { $add: [before, weight * (work / seconds)] } } }],
        { upsert: true, updatePipeline: true },
      );
    },
  };
}
