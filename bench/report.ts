/** One measured figure and what it must reach. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The largest value that is good enough. */
  atMost: number;
}

/** Prints figures as a table; returns whether all are good enough. */
export function printFigures(title: string, figures: readonly Figure[]): boolean {
  console.log(`\n${title}`);
  for (const { name, value, unit, atMost } of figures) {
    const mark = value <= atMost ? '✓' : '✗';
    console.log(
      `  ${mark} ${name.padEnd(58)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(3)} (at most ${atMost})`,
    );
  }
  return figures.every(({ value, atMost }) => value <= atMost);
}

/** The smallest value that `share` of the values do not exceed, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
