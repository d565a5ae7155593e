import type { Body } from './memory/body.js';

/** A blob that is being read: what there is of it can be used already. */
export interface ArrivingBlob {
  /** As long as the blob; filled from the front. */
  readonly body: Body;
  /** Bytes that are there. */
  readonly filled: number;
  /** Resolves with `filled` once that is more than `bytes`, which must be less than all. @throws what ended the reading */
  beyond(bytes: number): Promise<number>;
  /** Resolves when all is there. @throws what ended the reading */
  readonly whole: Promise<void>;
}

/** Fills a body: to collect pieces and join them takes the memory twice. */
export class FillingBlob implements ArrivingBlob {
  #filled = 0;
  readonly #whole = Promise.withResolvers<void>();
  /** There while somebody waits for more. */
  #news: PromiseWithResolvers<void> | undefined;

  constructor(readonly body: Body) {
    // Nobody need wait for it.
    this.whole.catch(() => undefined);
    if (body.length === 0) this.#whole.resolve();
  }

  get filled(): number {
    return this.#filled;
  }

  get whole(): Promise<void> {
    return this.#whole.promise;
  }

  /** Adds what has come, whose memory may be used otherwise afterwards. @throws Error for more than is missing */
  take(bytes: Buffer): void {
    const { length } = this.body;
    if (this.#filled + bytes.length > length) throw new Error(`more than the ${length} bytes announced came`);
    this.body.write(bytes, this.#filled);
    this.#filled += bytes.length;
    if (this.#filled === length) this.#whole.resolve();
    this.#news?.resolve();
    this.#news = undefined;
  }

  /** Nothing more will come. */
  fail(error: Error): void {
    this.#whole.reject(error);
  }

  async beyond(bytes: number): Promise<number> {
    while (this.#filled <= bytes) {
      this.#news ??= Promise.withResolvers();
      await Promise.race([this.#news.promise, this.whole]);
    }
    return this.#filled;
  }
}

/** A blob of which all is there. */
export const arrivedBlob = (body: Body): ArrivingBlob => ({
  ...{ body, filled: body.length, whole: Promise.resolve() },
  beyond: () => Promise.resolve(body.length),
});
