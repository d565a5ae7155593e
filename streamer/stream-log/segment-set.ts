/** From a segment on up to the one after the last. */
type Run = [number, number];

/** Whoever jumps about more than this many times is counted on without being remembered: memory stays small. */
const MAX_RUNS = 256;

/**
 * Which segments of a film were seen, each counted once however often it comes. Kept as runs of neighbours: a film seen
 * from its start to its end is one of them. A class, since a session has two of these, and closures took most of its memory.
 */
export class SegmentSet {
  #size = 0;
  /** In order, apart from each other. */
  readonly #runs: Run[] = [];

  get size(): number {
    return this.#size;
  }

  /** Adds the segment with this number; false where it was there already. */
  add(segment: number): boolean {
    const runs = this.#runs;
    const at = before(runs, segment);
    const run = runs[at];
    if (run && segment < run[1]) return false;
    this.#size += 1;
    if (run?.[1] === segment) {
      run[1] = segment + 1;
      join(runs, at);
      return true;
    }
    const next = runs[at + 1];
    if (next?.[0] === segment + 1) next[0] = segment;
    else if (runs.length < MAX_RUNS) runs.splice(at + 1, 0, [segment, segment + 1]);
    return true;
  }
}

/** Position of the last run that begins at or before the segment; -1 where none does. */
function before(runs: readonly Run[], segment: number): number {
  let at = runs.length - 1;
  while (at >= 0 && (runs[at]?.[0] ?? 0) > segment) at -= 1;
  return at;
}

/** Joins the run at this position with the one after it, where they touch. */
function join(runs: Run[], at: number): void {
  const [run, next] = [runs[at], runs[at + 1]];
  if (!run || run[1] !== next?.[0]) return;
  run[1] = next[1];
  runs.splice(at + 1, 1);
}
