import { isTerminal } from '../../schema/enums.js';
import type { VideoProgress } from '../../schema/video-progress.js';

/** What one subscriber has not received yet. It never holds more than the latest account of a video. */
export interface Mailbox {
  /** Takes an account, unless it is not newer than what the subscriber has or is about to get. */
  offer(event: VideoProgress): void;
  /** Ends the subscription once what is pending was received. */
  complete(): void;
  /** Ends the subscription with an error. */
  fail(error: Error): void;
  /** For one reader. Each video's sequence grows strictly. */
  readonly events: AsyncIterableIterator<VideoProgress, undefined>;
}

export interface MailboxOptions {
  /** End after a terminal account: the subscriber watches one video. */
  untilTerminal: boolean;
  /** Videos that may be pending at once; one more calls `onOverflow` instead of being kept. */
  maxPending: number;
  onOverflow: () => Error;
  /** Called once, when nothing will be delivered any more. */
  onEnd: () => void;
}

/** Videos whose last sequence is remembered, at most; of those forgotten, a stale account might be repeated. */
const MAX_REMEMBERED = 10_000;

type Delivery = IteratorResult<VideoProgress, undefined>;
const done: Delivery = { done: true, value: undefined };

export function createMailbox(options: MailboxOptions): Mailbox {
  const pending = new Map<string, VideoProgress>();
  const accepted = new Map<string, number>();
  let reader: PromiseWithResolvers<Delivery> | undefined;
  let ending: { error?: Error } | undefined;
  let ended = false;

  function end(): void {
    if (ended) return;
    ended = true;
    pending.clear();
    accepted.clear();
    options.onEnd();
  }

  /** Answers the waiting reader with what there is. */
  function deliver(): void {
    if (!reader) return;
    const [event] = pending.values();
    if (!event && !ending) return;
    const { resolve, reject } = reader;
    reader = undefined;
    if (event && !ending?.error) return resolve(take(event));
    if (ending?.error) reject(ending.error);
    else resolve(done);
    end();
  }

  function take(event: VideoProgress): Delivery {
    pending.delete(event.videoId);
    if (ending && pending.size === 0) end();
    return { done: false, value: event };
  }

  function remember({ videoId, sequence }: VideoProgress): void {
    accepted.delete(videoId);
    accepted.set(videoId, sequence);
    if (accepted.size <= MAX_REMEMBERED) return;
    const [oldest] = accepted.keys();
    if (oldest !== undefined) accepted.delete(oldest);
  }

  const mailbox: Mailbox = {
    offer(event) {
      if (ending || event.sequence <= (accepted.get(event.videoId) ?? -1)) return;
      if (pending.size >= options.maxPending && !pending.has(event.videoId)) {
        return mailbox.fail(options.onOverflow());
      }
      remember(event);
      pending.set(event.videoId, event);
      if (options.untilTerminal && isTerminal(event.status)) ending = {};
      deliver();
    },
    complete() {
      ending ??= {};
      deliver();
    },
    fail(error) {
      ending ??= { error };
      deliver();
    },
    events: {
      next() {
        if (ended) return Promise.resolve(done);
        reader = Promise.withResolvers<Delivery>();
        const { promise } = reader;
        deliver();
        return promise;
      },
      return() {
        ending ??= {};
        reader?.resolve(done);
        reader = undefined;
        end();
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
  return mailbox;
}
