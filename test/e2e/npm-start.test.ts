import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { processIdentity } from '../../local/process-identity.js';
import { repoRoot } from '../../local/repo-root.js';
import { builtProgram } from '../support/built-program.js';
import { testMongoUrl } from '../support/test-database.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);
const folder = temporaryFolder();
const film = join(folder, 'film.mp4');
const anyPorts = { GATEWAY_PORT: '0', STREAMER_PORT: '0', PROCESSOR_PORT: '0' };
const env = { ...process.env, ...anyPorts, DATA_DIR: folder, INIT_CWD: folder, NODE_OPTIONS: '' };

const program = (name: string, ...args: string[]) => [...builtProgram(name), ...args];

interface Output {
  lines: string[];
  /** Resolves with the first line, from the beginning, that matches. */
  line(pattern: RegExp): Promise<string>;
}

function outputOf(child: ChildProcess): Output {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      for (const check of waiting) check();
    });
  }
  return {
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        child.once('exit', () => reject(new Error(`ended without ${String(pattern)}:\n${lines.join('\n')}`)));
        check();
      }),
  };
}

/** What a process has started, as proc(5) tells it. */
function childrenOf(pid: number): { pid: number; command: string }[] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return pids.map((child) => ({ pid: child, command: readFileSync(`/proc/${child}/cmdline`, 'utf8') }));
}

interface Refusal {
  code: number;
  stdout: string;
  stderr: string;
}

const failing = (args: string[]): Promise<Refusal> =>
  run(process.execPath, args, { env, cwd: repoRoot() }).then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as Refusal,
  );

describe('npm start', () => {
  let starter: ChildProcess;
  let output: Output;

  beforeAll(async () => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=3', '-f', 'lavfi', '-i', 'sine=d=3'];
    await run('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-c:a', 'aac', film]);
    starter = spawn(process.execPath, program('local/start'), {
      env: { ...env, MONGO_URL: testMongoUrl() },
      cwd: repoRoot(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    output = outputOf(starter);
    await output.line(/Ctrl-C/);
  }, 120_000);

  afterAll(async () => {
    if (starter.exitCode === null && starter.signalCode === null) {
      starter.kill('SIGTERM');
      await once(starter, 'exit');
    }
  }, 60_000);

  it('says where it is and who may use it, to its owner alone', async () => {
    const file = join(folder, 'local.json');
    const local = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    expect(Object.keys(local)).toEqual(['gatewayUrl', 'streamerUrl', 'projectId', 'apiKey', 'adminApiKey']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await output.line(/API key/)).toContain(local.apiKey);
    expect((await fetch(`${local.gatewayUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${local.streamerUrl}/readyz`)).status).toBe(200);
  });

  it('shows once how to sign in, and keeps no word of it', async () => {
    const [, email, password] = /Sign in +(\S+) with (\S+)/.exec(await output.line(/Sign in/)) ?? [];
    const text = readFileSync(join(folder, 'local.json'), 'utf8');
    expect(text).not.toContain(password);
    const { gatewayUrl } = JSON.parse(text) as { gatewayUrl: string };
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { user { email } } }';
    const answer = await fetch(`${gatewayUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input: { email, password } } }),
    });
    expect(await answer.json()).toEqual({ data: { signIn: { user: { email: 'owner@demo.local' } } } });
  });

  it('runs once in a folder', async () => {
    const { code, stderr } = await failing(program('local/start'));
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^Already running \(pid \d+\): http:\S+ and http:\S+$/);
  });

  it('takes a film by npm run upload, and prints where it plays', async () => {
    const { stdout, stderr } = await run(process.execPath, program('cli/upload', 'film.mp4'), {
      env,
      cwd: repoRoot(),
    });
    expect(stdout).toMatch(/^http:\S+\n$/);
    expect(await (await fetch(stdout.trim())).text()).toMatch(/^#EXTM3U/);
    expect(stderr).toMatch(/uploading .* 100 %/);
    expect(stderr).toMatch(/processing .* 100 % {2}▶ playable\n$/);
  }, 120_000);

  it('tells a program every step with --json', async () => {
    const args = program('cli/upload', 'film.mp4', '--json', '--title', 'Night', '--exit-on', 'playable');
    const { stdout } = await run(process.execPath, args, { env, cwd: repoRoot() });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect([...new Set(events)]).toEqual(['upload', 'uploaded', 'progress', 'playable']);
    expect(events.at(-1)).toBe('playable');
  }, 120_000);

  it('says why a file is no film', async () => {
    writeFileSync(join(folder, 'no-film.mp4'), Buffer.alloc(100_000, 7));
    const { code, stdout, stderr } = await failing(program('cli/upload', 'no-film.mp4'));
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/\(UNSUPPORTED_MEDIA\)\n$/);
  }, 60_000);

  it('starts again what dies', async () => {
    const gateway = childrenOf(starter.pid ?? 0).find(({ command }) => command.includes('gateway/main'));
    process.kill(gateway?.pid ?? 0, 'SIGKILL');
    await output.line(/gateway ended \(SIGKILL\)/);
    await output.line(/gateway runs again/);
    const local = JSON.parse(readFileSync(join(folder, 'local.json'), 'utf8')) as { gatewayUrl: string };
    expect((await fetch(`${local.gatewayUrl}/readyz`)).status).toBe(200);
  }, 60_000);

  it('stops everything it started on Ctrl-C', async () => {
    const children = childrenOf(starter.pid ?? 0);
    expect(children.length).toBeGreaterThan(3);
    const ended = once(starter, 'exit');
    starter.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(children.filter(({ pid }) => processIdentity(pid))).toEqual([]);
    expect(() => readFileSync(join(folder, 'lock.json'))).toThrow('ENOENT');
  }, 60_000);
});
