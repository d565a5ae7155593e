/** npm and set-up pass on a Ctrl-C that the terminal has sent to us already: one press, several signals. */
const SAME_PRESS_MS = 700;

/**
 * `stop` is aborted by the first SIGINT, SIGTERM or SIGHUP, and when the process that started us is gone;
 * `onInsist` is called when somebody presses Ctrl-C once more.
 */
export function listenForStop(onInsist: () => void): { stop: AbortSignal } {
  const controller = new AbortController();
  let firstAt = 0;
  const request = () => {
    firstAt ||= Date.now();
    controller.abort();
  };
  process.on('SIGINT', () => {
    if (firstAt && Date.now() - firstAt > SAME_PRESS_MS) onInsist();
    else request();
  });
  process.on('SIGTERM', request);
  process.on('SIGHUP', request);
  process.on('disconnect', request);
  // Listening on the channel must not keep us alive once we have stopped.
  process.channel?.unref();
  return { stop: controller.signal };
}
