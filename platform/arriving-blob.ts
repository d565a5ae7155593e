import { asError } from './as-error.js';
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

/** What is missing from `start` on, since reading has ended with this error. Fails where asking again is in vain. */
type Resume = (start: number, cause: unknown) => Promise<AsyncIterable<Buffer>>;

const giveUp: Resume = (_start, cause) => Promise.reject(asError(cause));

/** Fills a body: to collect pieces and join them takes the memory twice. */
export function receiveBlob(
  body: Body,
  pieces: AsyncIterable<Buffer>,
  resume: Resume = giveUp,
): ArrivingBlob {
  const { length } = body;
  let filled = 0;
  let news = Promise.withResolvers<void>();

  async function receive(from: AsyncIterable<Buffer>): Promise<void> {
    for await (const piece of from) {
      if (filled + piece.length > length) throw new Error(`more than the ${length} bytes announced came`);
      body.write(piece, filled);
      filled += piece.length;
      news.resolve();
      news = Promise.withResolvers();
    }
    if (filled < length) throw new Error(`only ${filled} of ${length} bytes came`);
  }

  async function receiveAll(): Promise<void> {
    for (let more = pieces; ;) {
      try {
        return await receive(more);
      } catch (cause) {
        more = await resume(filled, cause);
      }
    }
  }

  const whole = receiveAll();
  whole.catch((error: unknown) => {
    // Whoever waits for news is told; nobody need wait.
    news.promise.catch(() => undefined);
    news.reject(error);
  });
  return {
    body,
    whole,
    get filled() {
      return filled;
    },
    async beyond(bytes) {
      while (filled <= bytes) await news.promise;
      return filled;
    },
  };
}

/** A blob of which all is there. */
export const arrivedBlob = (body: Body): ArrivingBlob => ({
  ...{ body, filled: body.length, whole: Promise.resolve() },
  beyond: () => Promise.resolve(body.length),
});
