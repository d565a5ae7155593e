import { asError } from '../platform/as-error.js';

/** Work that several callers wait for and that is done once. */
export interface SingleFlight<T> {
  /**
   * Joins the work under way for this key, or starts it. A caller that aborts leaves alone; the work
   * itself is aborted when its last caller has left. It may give up what it has begun by the same controller. Nothing is
   * remembered once it has settled.
   */
  run(key: string, signal: AbortSignal, work: (flight: AbortController) => Promise<T>): Promise<T>;
  isUnderWay(key: string): boolean;
}

interface Flight<T> {
  promise: Promise<T>;
  controller: AbortController;
  waiters: number;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  function start(key: string, work: (flight: AbortController) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    const promise = work(controller).finally(land);
    const flight: Flight<T> = { promise, controller, waiters: 0 };
    flights.set(key, flight);
    return flight;
  }

  function leave(key: string, flight: Flight<T>): void {
    flight.waiters -= 1;
    if (flight.waiters > 0) return;
    // Whoever comes next must not join work that is being torn down.
    if (flights.get(key) === flight) flights.delete(key);
    flight.controller.abort();
  }

  return {
    run(key, signal, work) {
      if (signal.aborted) return Promise.reject(asError(signal.reason));
      const flight = flights.get(key) ?? start(key, work);
      flight.waiters += 1;
      return new Promise<T>((resolve, reject) => {
        const onAbort = () => {
          reject(asError(signal.reason));
          leave(key, flight);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const forget = () => signal.removeEventListener('abort', onAbort);
        void flight.promise.then(resolve, reject).then(forget);
      });
    },

    isUnderWay: (key) => flights.has(key),
  };
}
