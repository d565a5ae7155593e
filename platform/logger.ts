import { pino, stdSerializers, type Logger } from 'pino';

export type { Logger } from 'pino';

const secretFields = [
  'authorization',
  'apiKey',
  'secret',
  'token',
  'password',
  'connectionString',
  'STREAM_KEYS',
  'cookie',
];

/**
 * Text with everything removed that would let its reader act for somebody: API keys, bearer and refresh
 * tokens, JWTs, playback tokens, addresses of uploads, the query of signed blob URLs, one-time codes, account keys.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(/sp_live_[A-Za-z0-9_-]+/g, 'sp_live_[redacted]')
    .replace(/\bspr_[A-Za-z0-9_-]+/g, 'spr_[redacted]')
    .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[redacted]')
    .replace(/(Bearer\s+)[^\s"',;]+/gi, '$1[redacted]')
    .replace(/(AccountKey=)[^;"\s]+/g, '$1[redacted]')
    .replace(/(\/stream\/)[A-Za-z0-9_-]{24,}/g, '$1[redacted]')
    .replace(/(\/files\/)[A-Za-z0-9_.-]{24,}/g, '$1[redacted]')
    .replace(/([?&](?:sig|se|skoid|code)=)[^&\s"']+/g, '$1[redacted]')
    .replace(/((?:mongodb(?:\+srv)?|smtps?):\/\/)[^@/\s]+@/g, '$1[redacted]@');
}

/**
 * One JSON object a line on standard output; readable lines where that is a terminal.
 * Secrets never reach the output: known fields are censored, and every line is searched for the rest.
 */
export function createLogger(deps: { service: string; level: string; pretty?: boolean }): Logger {
  const options = {
    level: deps.level,
    base: { service: deps.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.errWithCause },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    hooks: { streamWrite: redactSecrets },
  };
  if (!deps.pretty) return pino(options, pino.destination({ fd: 1, sync: false }));
  return pino({ ...options, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } });
}
