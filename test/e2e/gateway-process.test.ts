import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { bundledService, compileCache } from '../support/built-program.js';
import { stackSetting, testMongoUrl } from '../support/test-database.js';
import { ask, type Sender } from './gateway-client.js';
import { eventually } from './gateway-fixture.js';
import { filmBytes, findVideo, hangingPiece, piece, sha256, ticketFor, tus } from './gateway-tus.js';

const settings = (MONGO_URL: string) => ({
  PATH: process.env['PATH'],
  ...compileCache(),
  MONGO_URL,
  KAFKA_BROKERS: stackSetting('KAFKA_BROKERS'),
  AZURE_STORAGE_CONNECTION_STRING: stackSetting('AZURE_STORAGE_CONNECTION_STRING'),
  STREAM_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64url')}`,
  GATEWAY_PORT: '0',
});

interface Demo {
  projectId: string;
  apiKey: string;
  adminApiKey: string;
  owner?: { email: string; password: string };
}

async function seedDemo(env: NodeJS.ProcessEnv): Promise<Demo> {
  const { stdout } = await promisify(execFile)(process.execPath, bundledService('gateway/seed-demo'), {
    env,
  });
  expect(stdout.split('\n')).toHaveLength(2);
  return JSON.parse(stdout) as Demo;
}

const gateways: ChildProcess[] = [];

function startGateway(env: NodeJS.ProcessEnv) {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const gateway = spawn(process.execPath, bundledService('gateway/main'), { env, stdio });
  gateways.push(gateway);
  return gateway;
}

// Those that a failed test leaves behind.
afterEach(() => {
  for (const gateway of gateways) gateway.kill('SIGKILL');
});

describe('the gateway as a process', () => {
  it('serves the demo project, and ends with 0 when it is told to stop', async () => {
    const env = settings(testMongoUrl());
    const folder = await mkdtemp(join(tmpdir(), 'gateway-demo-'));
    const demoFile = join(folder, 'demo.json');
    try {
      const { owner, ...demo } = await seedDemo(env);
      expect(owner?.email).toBe('owner@demo.local');
      await writeFile(demoFile, JSON.stringify(demo));
      expect(await seedDemo({ ...env, STREAM_PLUS_DEMO_FILE: demoFile })).toEqual(demo);
      const renewed = await seedDemo({ ...env, STREAM_PLUS_DEMO_FILE: join(folder, 'missing.json') });
      expect(renewed.projectId).toBe(demo.projectId);
      expect(renewed.apiKey).not.toBe(demo.apiKey);
      expect(renewed.owner).toBeUndefined();

      const gateway = startGateway(env);
      const ended = new Promise<number | null>((resolve) => gateway.on('exit', resolve));
      const url = await listeningAt(gateway.stdout);
      const { data } = await ask({ url, key: demo.apiKey }, '{ viewer { project { id name } } }');
      expect(data).toEqual({ viewer: { project: { id: demo.projectId, name: 'Demo' } } });
      const signedIn = await ask<{ signIn: { accessToken: string } }>(
        { url },
        'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }',
        { input: owner },
      );
      const ofOwner = await ask({ url, key: signedIn.data?.signIn.accessToken }, '{ viewer { roles } }');
      expect(ofOwner.data).toEqual({ viewer: { roles: ['SUPER_ADMIN'] } });
      expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready', notReady: [] });
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('stream_plus_graphql_operations_total');
      await resumeAfterKill({ url, key: demo.apiKey }, demo.projectId, env);
      gateway.kill('SIGTERM');
      expect(await ended).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 120_000);

  it('names every setting that is missing, and does not start', async () => {
    const starting = promisify(execFile)(process.execPath, bundledService('gateway/main'), {
      env: { PATH: process.env['PATH'], ...compileCache(), GATEWAY_PORT: 'none' },
    });
    const error: unknown = await starting.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 1 });
    const { stderr } = error as { stderr: string };
    for (const name of ['GATEWAY_PORT', 'MONGO_URL', 'KAFKA_BROKERS', 'STREAM_KEYS'])
      expect(stderr).toContain(name);
  }, 30_000);
});

/** Kills another gateway in the middle of an upload, and goes on with it at the first one. */
async function resumeAfterKill(sender: Sender, projectId: string, env: NodeJS.ProcessEnv): Promise<void> {
  const other = startGateway(env);
  const otherUrl = await listeningAt(other.stdout);
  const bytes = filmBytes(3_000);
  const { uploadUrl, video } = await ticketFor(sender, { projectId, sizeBytes: bytes.length });
  const { pathname } = new URL(uploadUrl);
  await tus(otherUrl + pathname, 'PATCH', piece(0), bytes.subarray(0, 1_000));
  const killed = new AbortController();
  other.on('exit', () => killed.abort());
  const broken = hangingPiece(otherUrl + pathname, 1_000, bytes.subarray(1_000, 2_000), killed.signal);
  const isBroken = expect(broken).rejects.toThrow();
  const received = async () => (await findVideo(sender, video.id))?.progress.receivedBytes;
  await eventually(async () => (await received()) === 2_000);
  other.kill('SIGKILL');
  await isBroken;
  const url = sender.url + pathname;
  // Its hold on the upload has to lapse first.
  const head = await tus(url, 'HEAD');
  expect(head.headers.get('upload-offset')).toBe('1000');
  expect((await tus(url, 'PATCH', piece(1_000), bytes.subarray(1_000))).status).toBe(204);
  const source = { sha256: sha256(bytes), sizeBytes: bytes.length };
  expect(await findVideo(sender, video.id)).toMatchObject({ uploadStatus: 'RECEIVED', source });
}

/** Reads the log until the process says where it listens. */
async function listeningAt(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (msg === 'listening' && url !== undefined) {
      stdout.resume();
      return url;
    }
  }
  throw new Error('the gateway ended before it listened');
}
