/** What kafkajs does not declare, as far as it is used here. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: {
      maxInFlightRequests: number | null;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      clientId: string;
      broker: string;
      logger: { debug(message: string): void };
      isConnected(): boolean;
    });
    readonly pending: readonly unknown[];
    readonly throttleCheckTimeoutId: unknown;
    push(request: {
      entry: { correlationId: number };
      expectResponse: boolean;
      sendRequest(): void;
      requestTimeout?: number;
    }): void;
    maybeThrottle(milliseconds: number): void;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}
