import { Kafka, logLevel } from 'kafkajs';
import { retryUntil } from '../../local/retry-until.js';

export interface ReadMessage {
  key: string;
  value: string;
}

/** Everything that a topic holds now, each partition in its order. */
export async function readTopic(brokers: string, topic: string): Promise<ReadMessage[]> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const groupId = `test-reader-${process.pid}-${performance.now()}`;
  const [admin, consumer] = [kafka.admin(), kafka.consumer({ groupId, maxWaitTimeInMs: 100 })];
  await Promise.all([admin.connect(), consumer.connect()]);
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    const wanted = offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    const messages: ReadMessage[] = [];
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message: { key, value } }) => {
        messages.push({ key: key?.toString() ?? '', value: value?.toString() ?? '' });
        return Promise.resolve();
      },
    });
    const look = async (): Promise<void> => {
      if (messages.length < wanted) throw new Error(`${messages.length} of ${wanted} messages are read`);
      return Promise.resolve();
    };
    await retryUntil(look, { signal: AbortSignal.timeout(30_000), everyMs: 50 });
    return messages;
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}
