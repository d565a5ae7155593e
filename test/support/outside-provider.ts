import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { jest } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { type Account, Provider, type ProviderContext } from 'oidc-provider';
import { freePort } from '../../local/free-port.js';

/** Somebody with an account. */
export interface Person {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
}

/** A real OpenID Connect provider on this machine, which asks nobody for a password. */
export interface OutsideProvider extends AsyncDisposable {
  issuer: string;
  client: { clientId: string; clientSecret: string };
  /** Whoever comes next is this person; undefined: somebody who changes their mind. */
  person: Person | undefined;
  /** Ends every connection, and answers nobody until it listens again. */
  stop(): Promise<void>;
  listen(): Promise<void>;
}

const SCOPE = 'openid email profile';

export async function startOutsideProvider(options: {
  redirectUri: string;
  /** Whether the ID token tells all, and not the UserInfo endpoint. */
  hasFullTokens?: boolean;
}): Promise<OutsideProvider> {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const client = { clientId: 'stream-plus', clientSecret: randomBytes(24).toString('base64url') };
  const people = new Map<string, Person>();
  // It warns whoever would run it like this for longer than a test.
  const warnings = jest.spyOn(console, 'warn').mockReturnValue();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [options.redirectUri],
      },
    ],
    ...{ claims: { email: ['email', 'email_verified'], profile: ['name'] }, scopes: SCOPE.split(' ') },
    ...{ conformIdTokenClaims: !options.hasFullTokens, features: { devInteractions: { enabled: false } } },
    jwks: { keys: [await newKey()] },
    cookies: { keys: ['a'] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    interactions: { url: () => '/interaction' },
    findAccount: (_context: unknown, sub: string): Account => ({
      accountId: sub,
      claims: () => Promise.resolve({ ...people.get(sub), sub }),
    }),
    // Nobody is asked whether we may know their address.
    loadExistingGrant: async ({ oidc: { client: asking, account } }: ProviderContext) => {
      const { clientId } = asking;
      const grant = new provider.Grant({ clientId, accountId: account.accountId });
      grant.addOIDCScope(SCOPE);
      await grant.save();
      return grant;
    },
  });

  warnings.mockRestore();

  const handle = provider.callback();
  const server = createServer((request, response) => {
    if (request.url !== '/interaction') return void handle(request, response);
    const { person } = outside;
    if (person) people.set(person.sub, person);
    const result = person ? { login: { accountId: person.sub } } : { error: 'access_denied' };
    void provider.interactionFinished(request, response, result);
  });
  async function stop(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  const outside: OutsideProvider = {
    ...{ issuer, client, person: undefined, stop },
    listen: () => new Promise((resolve) => server.listen(Number(new URL(issuer).port), '127.0.0.1', resolve)),
    [Symbol.asyncDispose]: stop,
  };
  await outside.listen();
  return outside;
}

async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'a' };
}
