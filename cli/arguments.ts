import { parseArgs } from 'node:util';

export const usage = `Usage: npm run upload -- <file> [options]
  --project ID              the project it belongs to; the API key's own where absent
  --title TEXT              the file's name where absent
  --exit-on playable|ready  when to end; ready where absent
  --json                    one JSON event a line instead of a progress bar
  --help                    this
Reads STREAM_PLUS_URL and STREAM_PLUS_API_KEY; without them, uploads to the platform of npm start.`;

/** When the command has done its work. */
export type ExitOn = 'playable' | 'ready';

export interface UploadArguments {
  file: string;
  projectId?: string;
  title?: string;
  exitOn: ExitOn;
  json: boolean;
}

/** The command was not typed as it must be. */
export class UsageError extends Error {}

/** Undefined where help is asked for. @throws UsageError */
export function parseUploadArguments(argv: string[]): UploadArguments | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [file, ...more] = positionals;
  if (!file) throw new UsageError('Name the file to upload.');
  if (more.length > 0) throw new UsageError('One file at a time.');
  const exitOn = values['exit-on'] ?? 'ready';
  if (exitOn !== 'playable' && exitOn !== 'ready') {
    throw new UsageError(`--exit-on is playable or ready, not ${exitOn}.`);
  }
  return { file, projectId: values.project, title: values.title, exitOn, json: values.json };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        title: { type: 'string' },
        'exit-on': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
