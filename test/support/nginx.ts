import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../local/free-port.js';
import { retryUntil } from '../../local/retry-until.js';

/** An nginx of our own, in the foreground, with one process. */
export interface Nginx {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Debian keeps it where only administrators look. */
const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/**
 * Starts nginx with these directives in its `http` block, where `{address}` is what to listen on and `{folder}` a folder
 * of its own.
 * @throws Error where it is not installed, or refuses the configuration.
 */
export async function startNginx(http: string): Promise<Nginx> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-nginx-'));
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  const address = `127.0.0.1:${port}`;
  await writeFile(file, configuration(http).replaceAll('{folder}', folder).replaceAll('{address}', address));
  const child = spawn('nginx', ['-c', file, '-p', folder, '-e', 'stderr'], {
    env: { PATH: searchPath },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2_000)));
  const ended = once(child, 'exit');
  ended.catch(() => undefined);
  const gone = ended.then(() => Promise.reject(new Error(`nginx ended: ${complaints}`)));
  gone.catch(() => undefined);
  const url = `http://${address}`;
  await Promise.race([gone, answers(url)]);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const answers = (url: string) =>
  retryUntil(() => fetch(url).then((reply) => reply.body?.cancel()), {
    signal: AbortSignal.timeout(10_000),
    everyMs: 20,
  });

const configuration = (http: string): string => `
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type application/octet-stream;
  ${http}
}
`;
