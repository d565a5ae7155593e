/** `npm run upload -- movie.mp4`: exit 0 when it is ready, 1 when it failed, 2 for usage, 130 for Ctrl-C. */
import { basename, resolve } from 'node:path';
import { parseUploadArguments, usage, UsageError } from './arguments.js';
import { GraphqlError } from './graphql-client.js';
import { platformAddress } from './platform-address.js';
import { createProgressDisplay } from './progress-display.js';
import { createEventView } from './show-event.js';
import { uploadVideo, VideoFailed, type UploadEvent } from './upload-video.js';

async function main(signal: AbortSignal): Promise<void> {
  const wanted = parseUploadArguments(process.argv.slice(2));
  if (!wanted) return console.log(usage);
  const { json, ...order } = wanted;
  // npm runs us in the repository; the file is named from where it was typed.
  const file = resolve(process.env.INIT_CWD ?? '.', order.file);
  const address = platformAddress(process.env);
  const display = createProgressDisplay(process.stderr);
  const show = createEventView(display, basename(file));
  const onEvent = json ? (event: UploadEvent) => console.log(JSON.stringify(event)) : show;
  try {
    const url = await uploadVideo({ ...order, file, address, signal, onEvent });
    display.close();
    if (!json) console.log(url);
  } catch (error) {
    display.close();
    if (json) console.log(JSON.stringify(failureEvent(error)));
    throw error;
  }
}

/** The last line of `--json` where there is no video in the end. */
function failureEvent(error: unknown): object {
  if (!(error instanceof Error)) return { type: 'failed', code: 'INTERNAL', message: String(error) };
  const code = error instanceof VideoFailed || error instanceof GraphqlError ? error.code : 'INTERNAL';
  return {
    type: 'failed',
    code,
    message: error.message,
    videoId: error instanceof VideoFailed ? error.videoId : null,
  };
}

/** Says what went wrong in one line. Returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
  if (error instanceof VideoFailed || error instanceof GraphqlError)
    console.error(`${error.message} (${error.code})`);
  else console.error(error);
  return 1;
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());

try {
  await main(interrupted.signal);
} catch (error) {
  process.exitCode = interrupted.signal.aborted ? 130 : explain(error);
}
