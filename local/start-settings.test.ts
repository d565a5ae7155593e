import { readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { takePorts } from './services.js';
import { localUrl, startSettings } from './start-settings.js';
import { loadStreamKeys } from './stream-keys.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';

describe('localUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://127.0.0.1:80'],
    ['::1', 'http://[::1]:80'],
    ['media.example', 'http://media.example:80'],
  ])('%s → %s', (host, url) => expect(localUrl(host, 80)).toBe(url));
});

describe('startSettings', () => {
  it('names a bad port', () => {
    expect(() => startSettings({ GATEWAY_PORT: '70000' })).toThrow('GATEWAY_PORT');
  });
});

describe('takePorts', () => {
  it('says which variable to change where a port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const settings = startSettings({ GATEWAY_PORT: '0', STREAMER_PORT: String(port), PROCESSOR_PORT: '0' });
    await expect(takePorts(settings)).rejects.toThrow(`Port ${port} is taken: set STREAMER_PORT`);
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes any free port for 0', async () => {
    const taken = await takePorts(
      startSettings({ GATEWAY_PORT: '0', STREAMER_PORT: '0', PROCESSOR_PORT: '0' }),
    );
    expect(taken.GATEWAY_PORT).toBeGreaterThan(0);
    expect(taken.STREAMER_PORT).toBeGreaterThan(0);
  });
});

describe('loadStreamKeys', () => {
  it('makes a key once, for its owner alone', () => {
    const dataDir = temporaryFolder();
    const keys = loadStreamKeys(dataDir);
    expect(keys).toMatch(/^k1:[A-Za-z0-9_-]{43}$/);
    expect(loadStreamKeys(dataDir)).toBe(keys);
    expect(statSync(join(dataDir, 'stream-keys')).mode & 0o777).toBe(0o600);
    expect(
      startSettings({ STREAM_KEYS: readFileSync(join(dataDir, 'stream-keys'), 'utf8').trim() }).STREAM_KEYS,
    ).toBe(keys);
  });
});
