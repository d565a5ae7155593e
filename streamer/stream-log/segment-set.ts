/** Which segments of a film were seen, each counted once however often it comes. */
export interface SegmentSet {
  /** Adds the segment with this number; false where it was there already. */
  add(segment: number): boolean;
  readonly size: number;
}

/** Whoever jumps about more than this many times is counted on without being remembered: memory stays small. */
const MAX_RUNS = 256;

/** An empty set, kept as runs of neighbours: a film seen from its start to its end is one of them. */
export function createSegmentSet(): SegmentSet {
  /** In order, apart from each other: [first, after the last). */
  const runs: [number, number][] = [];
  let size = 0;

  /** Position of the last run that begins at or before the segment; -1 where none does. */
  function before(segment: number): number {
    let at = runs.length - 1;
    while (at >= 0 && (runs[at]?.[0] ?? 0) > segment) at -= 1;
    return at;
  }

  /** Joins the run at this position with the one after it, where they touch. */
  function join(at: number): void {
    const [run, next] = [runs[at], runs[at + 1]];
    if (!run || run[1] !== next?.[0]) return;
    run[1] = next[1];
    runs.splice(at + 1, 1);
  }

  return {
    add(segment) {
      const at = before(segment);
      const run = runs[at];
      if (run && segment < run[1]) return false;
      size += 1;
      if (run?.[1] === segment) {
        run[1] = segment + 1;
        join(at);
        return true;
      }
      const next = runs[at + 1];
      if (next?.[0] === segment + 1) next[0] = segment;
      else if (runs.length < MAX_RUNS) runs.splice(at + 1, 0, [segment, segment + 1]);
      return true;
    },

    get size() {
      return size;
    },
  };
}
