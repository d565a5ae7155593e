import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const schedule = Object.getOwnPropertyDescriptor(RequestQueue.prototype, 'scheduleCheckPendingRequests')
  ?.value as (this: RequestQueue) => void;

function scheduleWhereSomeWait(this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
}

/**
 * Lets kafkajs 2.2.4 rest: every connection looks for requests that wait, and where none does it looks again a
 * millisecond later, for it sets its timer to a time in the past. An idle process took 5 to 10 % of a core for that.
 * Whoever has to wait sets the timer anyway.
 */
export function restIdleQueues(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = scheduleWhereSomeWait;
}
