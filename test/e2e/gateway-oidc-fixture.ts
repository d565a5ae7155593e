import { type Browser, createBrowser } from '../support/browser.js';
import { type OutsideProvider, startOutsideProvider } from '../support/outside-provider.js';
import { ask, type GraphqlAnswer } from './gateway-client.js';
import { type GatewayFixture, testAppUrl, testGatewayUrl, withGateway } from './gateway-fixture.js';

export const gatewayUrl = testGatewayUrl;
export const appUrl = testAppUrl;
export const callbackUrl = `${gatewayUrl}/auth/oidc/callback`;
export const startUrl = (redirectTo: string = appUrl): string =>
  `${gatewayUrl}/auth/oidc/start?redirectTo=${encodeURIComponent(redirectTo)}`;
export const isCallback = ({ pathname }: URL): boolean => pathname === '/auth/oidc/callback';

export interface OidcFixture extends GatewayFixture {
  provider: OutsideProvider;
  /** Another browser each time. */
  browser: () => Browser;
  exchange: (code: string) => Promise<GraphqlAnswer<{ exchangeSignInCode: Answered }>>;
}

/** Of a session, what there is to look at. */
export interface Answered {
  accessToken: string;
  user: { id: string; email: string };
}

/** Runs `work` on a gateway that people sign in to with an outside provider. */
export async function withOidc(
  options: { isSignUpOpen?: boolean; hasFullTokens?: boolean },
  work: (fixture: OidcFixture) => Promise<void>,
): Promise<void> {
  await using provider = await startOutsideProvider({ ...options, redirectUri: callbackUrl });
  const oidc = { issuer: provider.issuer, ...provider.client, name: 'Example ID' };
  const signUp = options.isSignUpOpen ? 'open' : 'invitation';
  await withGateway({ kafka: 'silent', oidc, signUp }, (fixture) =>
    work({
      ...{ ...fixture, provider },
      browser: () => createBrowser({ [gatewayUrl]: fixture.url, [provider.issuer]: provider.issuer }),
      exchange: (code) =>
        ask(
          fixture,
          'mutation ($code: String!) { exchangeSignInCode(code: $code) { accessToken user { id email } } }',
          { code },
        ),
    }),
  );
}
