import type { ClientSession } from 'mongoose';
import { DeadLetter, type DeadLetterOrigin, DeadLetterState } from '../schema/dead-letter.js';
import { AppError } from '../schema/errors.js';
import { newId } from '../schema/ids.js';
import type { Job } from '../schema/job.js';
import { encodeDeadLetter, topics } from '../schema/messages.js';
import type { KafkaMessage } from './kafka/consumer.js';
import type { Publisher } from './kafka/publisher.js';
import type { Database } from './mongo.js';

/** What cannot go on without a person: stored first, then sent to the topic of dead letters. */
export interface DeadLetters {
  /** Keeps a generation that failed for good, within the transaction that ends it. */
  addFailure(job: Job, error: AppError, session: ClientSession): Promise<void>;
  /** Keeps a message that nobody understands; once, however often it is delivered. */
  addMessage(message: KafkaMessage): Promise<void>;
  /** Sends what the topic does not have yet, at most `limit` letters; returns how many. */
  publishPending(limit: number): Promise<number>;
}

const MAX_PAYLOAD_BYTES = 4_096;
const MAX_DETAIL_LENGTH = 4_000;
/** Causes of causes of an error that are worth a line. */
const MAX_CAUSES = 5;

type NewLetter = Pick<DeadLetter, 'source' | 'code' | 'message' | 'attempts' | 'origin'> &
  Partial<DeadLetter>;

export function createDeadLetters(deps: { db: Database; publisher: Publisher }): DeadLetters {
  const letters = deps.db.model(DeadLetter);

  async function add(letter: NewLetter, session?: ClientSession): Promise<void> {
    const { source, ...rest } = letter;
    await letters.updateOne(
      { source },
      {
        $setOnInsert: {
          ...{ _id: newId('dead'), state: DeadLetterState.OPEN, isPublished: false },
          ...rest,
          createdAt: new Date(),
        },
      },
      { upsert: true, session, timestamps: false },
    );
  }

  return {
    addFailure(job, error, session) {
      const { _id: jobId, kind: jobKind, workerId, videoId, generation, runs } = job;
      const origin: DeadLetterOrigin = { jobId, jobKind, workerId: workerId ?? runs.at(-1)?.workerId };
      const { code, message } = error;
      return add(
        {
          ...{ source: `${videoId}/${generation}`, videoId, generation, code, message, origin },
          detail: detailOf(error),
          attempts: job.attempt,
        },
        session,
      );
    },

    addMessage({ topic, partition, offset, timestamp, key, value }) {
      const { code, message } = new AppError('BAD_MESSAGE');
      return add({
        source: `${topic}/${partition}/${offset}/${timestamp}`,
        ...{ code, message, attempts: 1, origin: { topic, partition, offset } },
        detail: `key ${key ?? 'none'}`,
        payload: value?.subarray(0, MAX_PAYLOAD_BYTES).toString('utf8').toWellFormed(),
      });
    },

    async publishPending(limit) {
      const pending = await letters.find({ isPublished: false }).sort({ createdAt: 1 }).limit(limit).lean();
      for (const [sent, letter] of pending.entries()) {
        const message = { key: letter.videoId ?? letter.source, value: encodeDeadLetter(letter) };
        if (!(await deps.publisher.publish(topics.deadLetters, [message]))) return sent;
        await letters.updateOne({ _id: letter._id }, { $set: { isPublished: true } });
      }
      return pending.length;
    },
  };
}

/** The technical reason, in one line a cause. */
function detailOf(error: Error): string | undefined {
  const lines: string[] = [];
  let cause: unknown = error.cause;
  for (; cause instanceof Error && lines.length < MAX_CAUSES; cause = cause.cause) lines.push(cause.message);
  return lines.join('\n').slice(0, MAX_DETAIL_LENGTH) || undefined;
}
