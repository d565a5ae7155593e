/** Something that can be closed: a Kafka consumer. */
export interface Closable {
  close(): Promise<void>;
}

/** The consumer of one slot: there while the slot is, and never twice. */
export interface SlotConsumer {
  /** Begins to open it; nobody waits for that. */
  open(): void;
  /** Closes it, and resolves when it has left. One that has not joined yet leaves once it has. */
  close(): Promise<void>;
}

/** Opens and closes one after the other, however fast a slot comes, goes and comes again. */
export function createSlotConsumer(deps: {
  open: () => Promise<Closable>;
  onError: (err: unknown) => void;
}): SlotConsumer {
  let isWanted = false;
  let isSettling = false;
  let consumer: Closable | undefined;
  let leaving: Promise<void> | undefined;

  async function settle(): Promise<void> {
    if (isSettling) return;
    isSettling = true;
    try {
      while (isWanted !== (consumer !== undefined)) {
        if (consumer) await leave(consumer);
        else consumer = await deps.open();
      }
    } catch (err) {
      deps.onError(err);
    } finally {
      isSettling = false;
    }
  }

  function leave(open: Closable): Promise<void> {
    consumer = undefined;
    leaving = open.close().catch(deps.onError);
    return leaving;
  }

  return {
    open() {
      isWanted = true;
      void settle();
    },
    async close() {
      isWanted = false;
      void settle();
      await leaving;
    },
  };
}
