/** One block of a file, as it was filled. */
export interface FilledBlock {
  /** Among all blocks of the file, from 0. */
  index: number;
  /** First byte in the file. */
  start: number;
  bytes: number;
  /** State of the running hash at its end. */
  hashState?: Uint8Array;
}

export interface BlockSink {
  /** Stores a block; for up to BLOCKS_IN_FLIGHT of them at once. `body` is only good until this resolves. */
  stage(block: FilledBlock, body: Buffer): Promise<void>;
  /** Counts a block that is staged; one after the other. */
  count(block: FilledBlock): Promise<void>;
}

/** A hash that can be gone on with somewhere else. */
export interface RunningHash {
  update(data: Uint8Array): unknown;
  save(): Uint8Array;
}

export interface BlockOptions {
  /** Bytes and blocks of the file that are there already. */
  offset: number;
  blockCount: number;
  blockBytes: number;
  hash?: RunningHash;
  /** Sees each piece as it arrives. @throws to end the writing; what arrived before is kept */
  onPiece?: (piece: Buffer, end: number) => void;
  sink: BlockSink;
}

/** With the block that is being filled, this many are in memory. */
const BLOCKS_IN_FLIGHT = 2;

/**
 * Cuts a stream into full blocks, and one shorter one at its end, and has them stored in order. A source that
 * breaks off is kept up to where it did.
 * @returns the offset of what is counted.
 * @throws what the source, `onPiece` or the sink threw first.
 */
export async function writeBlocks(source: AsyncIterable<Buffer>, options: BlockOptions): Promise<number> {
  const line = createLine(options);
  let failure: { error: unknown } | undefined;
  try {
    for await (const piece of source) {
      options.onPiece?.(piece, line.end() + piece.length);
      for (let taken = 0; taken < piece.length;) taken += await line.fill(piece.subarray(taken));
    }
  } catch (error) {
    failure = { error };
  }
  const counted = await line.close();
  if (failure) throw failure.error;
  return counted;
}

/** The block that is being filled, and those that are on their way. */
function createLine({ offset, blockCount, blockBytes, hash, sink }: BlockOptions) {
  const spare: Buffer[] = [];
  const flying = new Set<Promise<boolean>>();
  let current: Buffer = Buffer.alloc(0);
  let filled = 0;
  let start = offset;
  let index = blockCount;
  let counted = offset;
  let inOrder = Promise.resolve(true);
  let failure: { error: unknown } | undefined;

  const check = (): void => {
    if (failure) throw failure.error;
  };

  async function send(): Promise<void> {
    while (flying.size >= BLOCKS_IN_FLIGHT) await Promise.race(flying);
    check();
    const block = { index, start, bytes: filled, hashState: hash?.save() };
    const body = current;
    const staging = sink.stage(block, body.subarray(0, block.bytes));
    const done = settle(block, staging, inOrder).finally(() => {
      spare.push(body);
      flying.delete(done);
    });
    inOrder = done;
    flying.add(done);
    index += 1;
    start += filled;
    filled = 0;
    current = Buffer.alloc(0);
  }

  /** Whether a block and all before it are counted. Never rejects: the first failure is told to whoever goes on. */
  async function settle(
    block: FilledBlock,
    staging: Promise<void>,
    before: Promise<boolean>,
  ): Promise<boolean> {
    const staged = staging.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const isNext = await before;
    const refused = await staged;
    if (!isNext) return false;
    failure ??= refused;
    if (failure) return false;
    try {
      await sink.count(block);
      counted = block.start + block.bytes;
      return true;
    } catch (error) {
      failure = { error };
      return false;
    }
  }

  return {
    end: () => start + filled,

    /** Takes as much of a piece as fits into the block; returns how much. */
    async fill(piece: Buffer): Promise<number> {
      check();
      if (current.length === 0) current = spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
      const part = piece.subarray(0, blockBytes - filled);
      part.copy(current, filled);
      hash?.update(part);
      filled += part.length;
      if (filled === blockBytes) await send();
      return part.length;
    },

    /** Sends what is left; returns the offset of what is counted. */
    async close(): Promise<number> {
      if (filled > 0 && !failure) await send();
      await inOrder;
      check();
      return counted;
    },
  };
}
