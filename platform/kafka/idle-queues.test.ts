import { describe, expect, it } from '@jest/globals';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { restIdleQueues } from './idle-queues.js';

restIdleQueues();

const createQueue = (): RequestQueue =>
  new RequestQueue({
    ...{ maxInFlightRequests: null, requestTimeout: 1_000, enforceRequestTimeout: false },
    ...{ clientId: 'test', broker: 'test', logger: { debug: () => undefined }, isConnected: () => true },
  });

describe('a queue of requests to Kafka', () => {
  it('rests while no request waits', () => {
    const queue = createQueue();
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('sends what had to wait, and rests again', async () => {
    const queue = createQueue();
    queue.maybeThrottle(20);
    const sent = new Promise<void>((resolve) =>
      queue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest: resolve }),
    );
    expect(queue.pending).toHaveLength(1);
    await sent;
    expect(queue.pending).toEqual([]);
    await new Promise(setImmediate);
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
