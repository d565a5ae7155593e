import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const usage = `Usage: npm start [-- [file …] [options]]
  file       a film to upload once the platform runs, with its progress
  --sources  run what was not built
  --watch    the same, and start a service again when its sources change
  --help     this
Starts Kafka, MongoDB and Azurite where the environment names none, then the gateway, the streamer and a
processor, and runs until Ctrl-C. Settings: see README.md.`;

export interface StartArguments {
  /** To upload once the platform runs; absolute. */
  files: string[];
  /** Run what was not built. */
  fromSources: boolean;
  /** Start a service again when its sources change. */
  isWatching: boolean;
}

/**
 * Files are named from `typedIn`. Undefined where help is asked for.
 * @throws Error that says what is wrong, in one line.
 */
export function parseStartArguments(argv: string[], typedIn: string): StartArguments | undefined {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      sources: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const files = positionals.map((file) => resolve(typedIn, file));
  for (const file of files) requireReadable(file);
  return { files, fromSources: values.sources || values.watch, isWatching: values.watch };
}

/** Told before the platform is started for nothing. */
function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
}
