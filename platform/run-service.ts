import { runProcess, type Lifecycle } from './lifecycle.js';
import { createLogger, type Logger } from './logger.js';

/**
 * The main program of a service: reads its settings, then runs it until a signal comes. What is wrong with the settings is
 * said one a line, and exits 1.
 */
export async function runService<Config extends { LOG_LEVEL: string }>(
  service: string,
  readConfig: () => Config,
  start: (config: Config, log: Logger, lifecycle: Lifecycle) => Promise<void>,
): Promise<void> {
  try {
    const config = readConfig();
    const log = createLogger({ service, level: config.LOG_LEVEL, pretty: process.stdout.isTTY });
    await runProcess({ log, start: (lifecycle) => start(config, log, lifecycle) });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
