import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Registry } from 'prom-client';
import { createApiKeyVerifier } from '../../platform/api-keys.js';
import { createTokens } from '../../platform/tokens.js';
import { Video } from '../../schema/video.js';
import { createStreamer } from '../../streamer/app.js';
import { createVideoStore } from '../../streamer/video-store.js';
import { startOneAddress } from '../support/one-address.js';
import { anyDevice, nothingRevoked, testKeys, unstoredSessions } from '../support/streamer-fixture.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { quietLog } from '../support/test-database.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const root = path.resolve(import.meta.dirname, '../..');
const program = path.join(root, '.data/tools/schemathesis/bin/st');
const settings = path.join(root, 'local/schemathesis/schemathesis.toml');
const hooks = path.join(root, 'local/schemathesis/hooks.py');

const TIMEOUT_MS = 300_000;

/** The streamer and the gateway of a fixture behind one address. */
async function withServices(
  { db, url }: GatewayFixture,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const streamer = createStreamer({
    log: quietLog,
    tokens: createTokens({ keys: testKeys }),
    openBlob: () => Promise.resolve(undefined),
    cacheBytes: 1024 ** 2,
    videos: createVideoStore({ db }),
    revocations: nothingRevoked,
    apiKeys: createApiKeyVerifier({ db }),
    publicStreamUrl: 'http://play.test',
    metrics: new Registry(),
    sessions: unstoredSessions(),
    devices: anyDevice,
    checks: { mongo: () => db.isReady() },
    stopping: new AbortController().signal,
  });
  const streamerUrl = await streamer.listen({ host: '127.0.0.1', port: 0 });
  const both = await startOneAddress((asked) =>
    /^\/(videos|stream|embed|oembed|player)\b/.test(asked) ? streamerUrl : url,
  );
  try {
    await work(both.url);
  } finally {
    await both.close();
    await streamer.close();
  }
}

/** The document with ids of what is there as its examples, so that not every request is for nothing. */
async function documentOf(url: string, ids: Readonly<Record<string, string>>): Promise<string> {
  const text = await (await fetch(`${url}/openapi.json`)).text();
  return text.replace(/"(video|project)_\w{26}"/g, (example, kind: string) => `"${ids[kind] ?? example}"`);
}

/** Runs Schemathesis on a document to its end; what it says, and its exit code. */
function runSchemathesis(
  url: string,
  document: string,
  env: Record<string, string>,
): Promise<{ code: number; said: string }> {
  // It leaves folders where it runs.
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'openapi.json'), document);
  const own = { SCHEMATHESIS_HOOKS: hooks, PYTHONDONTWRITEBYTECODE: '1' };
  const args = ['--config-file', settings, 'run', 'openapi.json', '--url', url];
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: { ...process.env, ...own, ...env },
      maxBuffer: 16 * 1024 ** 2,
      timeout: TIMEOUT_MS,
    };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number')
        reject(new Error('Schemathesis did not run', { cause: error }));
      else resolve({ code: Number(error?.code ?? 0), said: stdout + stderr });
    });
  });
}

describe('the OpenAPI document', () => {
  it(
    'tells of every answer that hostile requests get (Schemathesis)',
    async () => {
      if (!existsSync(program))
        throw new Error('Schemathesis is missing: install Python 3.11 with venv, then npm test.');
      const requestRates = { address: 1e6, anonymous: 1e6, caller: 1e6 };
      await withGateway({ kafka: 'silent', requestRates }, async (fixture) => {
        const { db, tenant, adminKey } = fixture;
        const videoId = await storeVideo(db, tenant, { playable: true });
        const keys = { PROJECT_KEY: tenant.key, ADMIN_KEY: adminKey };
        await withServices(fixture, async (url) => {
          const document = await documentOf(url, { video: videoId, project: tenant.projectId });
          const { code, said } = await runSchemathesis(url, document, keys);
          // All that it says where it has found something.
          expect(code === 0 ? '' : said).toBe('');
          expect(said).toMatch(/[1-9]\d* generated/);
        });
        // It was there, and asked for.
        expect((await db.model(Video).findById(videoId).lean())?.status).toBe('STOPPED');
      });
    },
    TIMEOUT_MS,
  );
});
