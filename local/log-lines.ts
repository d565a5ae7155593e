import pretty from 'pino-pretty';
import { z } from 'zod';

const WARNING = 40;
const levels: Record<string, number> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: WARNING,
  error: 50,
  fatal: 60,
};

const recordSchema = z.object({
  level: z.union([z.string(), z.number()]),
  msg: z.string().default(''),
  err: z.object({ message: z.string() }).optional(),
});

const toReadable = pretty.prettyFactory({
  colorize: false,
  ignore: 'pid,hostname,service',
  translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
});

/** A line of a service's log as people read it; lines that are no records stay as they are. */
export const readable = (line: string): string => (line.startsWith('{') ? toReadable(line) : line);

/** What a terminal shows of a log line: one line for warnings and worse, undefined for the rest. */
export function warningOf(line: string): string | undefined {
  const record = parseRecord(line);
  if (!record) return undefined;
  const level = typeof record.level === 'number' ? record.level : (levels[record.level] ?? 0);
  if (level < WARNING) return undefined;
  const reason = record.err && !record.msg.includes(record.err.message) ? `: ${record.err.message}` : '';
  return `${level > WARNING ? '✗' : '⚠'} ${record.msg}${reason}`.split('\n', 1)[0];
}

function parseRecord(line: string): z.infer<typeof recordSchema> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
