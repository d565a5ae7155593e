/** `npm start [-- file …]`: the whole platform on this machine, until Ctrl-C. */
import { join } from 'node:path';
import { createProgressDisplay } from '../cli/progress-display.js';
import { DataDirInUse, lockDataDir } from './data-lock.js';
import { startPlatform, type Platform } from './platform.js';
import { dataDirOf } from './repo-root.js';
import { defaultStackPorts } from './stack.js';
import { builtProgram, takePorts, sourceProgram, watchedProgram } from './services.js';
import { parseStartArguments, usage } from './start-arguments.js';
import { startSettings } from './start-settings.js';
import { uploadFiles } from './start-uploads.js';
import { listenForStop } from './stop-signal.js';
import { loadStreamKeys } from './stream-keys.js';

const dataDir = dataDirOf(process.env);
const display = createProgressDisplay(process.stdout);
const closers: { stop: () => Promise<void>; kill: () => Promise<void> }[] = [];

async function main(stop: AbortSignal): Promise<void> {
  // npm runs us in the repository; files are named from where it was typed.
  const parsed = parseStartArguments(process.argv.slice(2), process.env.INIT_CWD ?? '.');
  if (!parsed) return console.log(usage);
  const { files, ...run } = parsed;
  const toolArgs = run.fromSources ? sourceProgram : builtProgram;
  const wanted = startSettings(process.env);
  const lock = await lockDataDir(dataDir);
  try {
    const ports = await takePorts(wanted);
    const settings = { ...ports, STREAM_KEYS: wanted.STREAM_KEYS ?? loadStreamKeys(dataDir) };
    const { STREAM_KEYS } = settings;
    const platform = await startPlatform({
      settings,
      dataDir,
      env: process.env,
      stackPorts: defaultStackPorts,
      programArgs: run.isWatching ? watchedProgram : toolArgs,
      toolArgs,
      warn: (line) => display.print(line),
      onReady: (name) => display.print(`✓ ${name}`),
      onStack: (stack) => lock.note({ watchdogPid: stack.watchdog.pid, env: { ...stack.env, STREAM_KEYS } }),
      onClose: (stopPart, killPart) => closers.push({ stop: stopPart, kill: killPart }),
      signal: stop,
    });
    lock.note({ urls: [platform.gatewayUrl, platform.streamerUrl] });
    display.print(summary(platform));
    await uploadFiles(files, { platform, display, signal: stop });
    await untilAborted(stop);
  } finally {
    if (closers.length > 0) display.print('Stopping …');
    for (const { stop: stopPart } of closers.reverse()) await stopPart();
    lock.release();
  }
}

function summary({ gatewayUrl, streamerUrl, demo, owner }: Platform): string {
  return [
    '',
    'Stream Plus is running.',
    '',
    `  Gateway   ${gatewayUrl}/graphql`,
    `  Streamer  ${streamerUrl}`,
    `  Project   ${demo.projectId}`,
    `  API key   ${demo.apiKey}`,
    ...(owner ? [`  Sign in   ${owner.email} with ${owner.password} (shown this once)`] : []),
    `  Logs      ${join(dataDir, 'logs')}`,
    '',
    'Upload a film: npm run upload -- movie.mp4      Stop: Ctrl-C',
    '',
  ].join('\n');
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function explain(error: unknown): string {
  if (error instanceof DataDirInUse) {
    const { pid, urls } = error.holder;
    const where = urls ? `: ${urls.join(' and ')}` : ` in ${dataDir}`;
    return `Already running (pid ${pid})${where}`;
  }
  return error instanceof Error ? error.message : String(error);
}

const { stop } = listenForStop(() => {
  void Promise.allSettled(closers.map(({ kill }) => kill())).then(() => process.exit(130));
});
try {
  await main(stop);
} catch (error) {
  if (!stop.aborted) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}
// What could still hold us belongs to processes that are gone.
process.exit();
