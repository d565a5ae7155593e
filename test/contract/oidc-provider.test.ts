import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOidcProvider } from '../../gateway/identity/oidc-provider.js';
import { freePort } from '../../local/free-port.js';
import { startSmtpSink } from './smtp-sink.js';

const callbackUrl = 'https://gateway.test/auth/oidc/callback';
const providerAt = (issuer: string) =>
  createOidcProvider({
    settings: { issuer, clientId: 'stream-plus', clientSecret: 'secret' },
    ...{ callbackUrl, timeoutSeconds: 1 },
  });
const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' });

/** Runs `work` on an issuer whose metadata are what `metadata` says. */
async function withIssuer(
  metadata: (issuer: string) => object | undefined,
  work: (issuer: string, asked: () => number) => Promise<void>,
): Promise<void> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    const told = metadata(`http://${request.headers.host}`);
    response.writeHead(told ? 200 : 502, { 'content-type': 'application/json' });
    response.end(JSON.stringify(told ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => asked);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const metadataOf = (issuer: string) => ({
  ...{ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` },
  ...{ jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'] },
});

describe('an outside provider', () => {
  it('is asked where to send browsers once for all of them, and each goes with secrets of its own', () =>
    withIssuer(metadataOf, async (issuer, asked) => {
      const provider = providerAt(issuer);
      const starts = await Promise.all([provider.start(), provider.start(), provider.start()]);
      expect(asked()).toBe(1);
      for (const name of ['verifier', 'state', 'nonce'] as const)
        expect(new Set(starts.map(({ attempt }) => attempt[name])).size).toBe(3);
      const [{ url = '', attempt } = {}] = starts;
      expect(url).toMatch(new RegExp(`^${issuer}/auth\\?`));
      expect(url).not.toContain(attempt?.verifier);
      expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
        ...{ response_type: 'code', client_id: 'stream-plus', redirect_uri: callbackUrl },
        ...{ scope: 'openid email profile', code_challenge_method: 'S256' },
        ...{ state: attempt?.state, nonce: attempt?.nonce },
      });
    }));

  it('that fails is asked again', async () => {
    let isUp = false;
    await withIssuer(
      (issuer) => (isUp ? metadataOf(issuer) : undefined),
      async (issuer) => {
        const provider = providerAt(issuer);
        await expect(provider.start()).rejects.toEqual(unavailable);
        isUp = true;
        await expect(provider.start()).resolves.toBeDefined();
      },
    );
  });

  it('is not taken for another one', () =>
    withIssuer(
      () => metadataOf('https://id.test'),
      (issuer) => expect(providerAt(issuer).start()).rejects.toEqual(unavailable),
    ));

  it('that never answers is given up in time', async () => {
    await using silent = await startSmtpSink({ isSilent: true });
    const provider = providerAt(`http://127.0.0.1:${silent.port}`);
    await expect(provider.start()).rejects.toEqual(unavailable);
  });

  it('that is not there does not keep anything from starting', async () => {
    const provider = providerAt(`http://127.0.0.1:${await freePort()}`);
    await expect(provider.start()).rejects.toEqual(unavailable);
  });
});
