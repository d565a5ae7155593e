/** Counts what is open, by whom it belongs to. */
export interface Tally {
  /** One more, unless there are `max`: returns what takes it back, once. */
  take(owner: string, max: number): (() => void) | undefined;
}

export function createTally(): Tally {
  const open = new Map<string, number>();

  return {
    take(owner, max) {
      const count = open.get(owner) ?? 0;
      if (count >= max) return undefined;
      open.set(owner, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (open.get(owner) ?? 0) - 1;
        if (left > 0) open.set(owner, left);
        else open.delete(owner);
      };
    },
  };
}
