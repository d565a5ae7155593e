import * as openid from 'openid-client';
import { cached } from '../../platform/cached.js';
import { AppError } from '../../schema/errors.js';
import { isLoopbackHost } from './loopback.js';
import { signInFailure } from './oidc-failure.js';
import { lacksEmail, type OutsideProfile, profileOf } from './oidc-profile.js';

/** An outside provider, and what this installation is registered as with it. */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
}

/** What is kept between the two halves of a sign-in, in the browser that it is for. */
export interface SignInAttempt {
  /** Of PKCE (RFC 7636): shows the provider that both halves are ours. */
  verifier: string;
  /** Shows us that the answer is for this browser. */
  state: string;
  /** Shows us that the ID token is for this attempt. */
  nonce: string;
}

/** The protocol of OpenID Connect: the authorization code flow. */
export interface OidcProvider {
  /** Where to send the browser. @throws AppError UNAVAILABLE */
  start(): Promise<{ url: string; attempt: SignInAttempt }>;
  /**
   * Whom the provider has signed in, by the query it has sent the browser back with.
   * @throws AppError UNAUTHENTICATED where it has not, or not for this attempt; UNAVAILABLE
   */
  finish(query: string, attempt: SignInAttempt): Promise<OutsideProfile>;
}

/** The provider's metadata is read when it is first needed, and again after this long. */
const METADATA_MAX_AGE_MS = 3_600_000;
/** The provider has this long for each answer. */
const TIMEOUT_SECONDS = 5;
/** Its clock may differ by this much. */
const CLOCK_SKEW_SECONDS = 30;
const SCOPE = 'openid email profile';

/** `callbackUrl` is where the provider sends browsers back to: it must be registered there. */
export function createOidcProvider(deps: {
  settings: OidcSettings;
  callbackUrl: string;
  timeoutSeconds?: number;
}): OidcProvider {
  const { callbackUrl, timeoutSeconds = TIMEOUT_SECONDS } = deps;
  const discover = cached(() => discovery(deps.settings, timeoutSeconds), { maxAgeMs: METADATA_MAX_AGE_MS });

  return {
    async start() {
      const config = await discover();
      const attempt = {
        verifier: openid.randomPKCECodeVerifier(),
        state: openid.randomState(),
        nonce: openid.randomNonce(),
      };
      const url = openid.buildAuthorizationUrl(config, {
        ...{ redirect_uri: callbackUrl, scope: SCOPE, state: attempt.state, nonce: attempt.nonce },
        code_challenge: await openid.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, attempt };
    },

    async finish(query, attempt) {
      const config = await discover();
      const url = new URL(callbackUrl);
      url.search = query;
      return readProfile(config, url, attempt).catch((error: unknown) => {
        throw signInFailure(error);
      });
    },
  };
}

/** @throws AppError UNAVAILABLE, whatever is wrong: without metadata there is nobody to sign in with. */
async function discovery({ issuer, clientId, clientSecret }: OidcSettings, timeout: number) {
  const url = new URL(issuer);
  const isInClear = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  try {
    return await openid.discovery(
      url,
      clientId,
      { [openid.clockTolerance]: CLOCK_SKEW_SECONDS },
      clientAuthentication(clientSecret),
      {
        timeout,
        // TLS alone would do (OpenID Connect Core section 3.1.3.7), but signatures do not depend on the way.
        execute: [openid.enableNonRepudiationChecks, ...(isInClear ? [openid.allowInsecureRequests] : [])],
      },
    );
  } catch (error) {
    throw new AppError('UNAVAILABLE', {}, { cause: error });
  }
}

/** By the method that every provider knows (OpenID Connect Discovery section 3), unless it says otherwise. */
function clientAuthentication(secret: string): openid.ClientAuth {
  const basic = openid.ClientSecretBasic(secret);
  const post = openid.ClientSecretPost(secret);
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

async function readProfile(
  config: openid.Configuration,
  url: URL,
  { verifier, state, nonce }: SignInAttempt,
): Promise<OutsideProfile> {
  const tokens = await openid.authorizationCodeGrant(config, url, {
    ...{ pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
  });
  const claims = tokens.claims();
  if (!claims) throw new AppError('UNAUTHENTICATED');
  const identity = { issuer: claims.iss, subject: claims.sub };
  if (!lacksEmail(claims) || config.serverMetadata().userinfo_endpoint === undefined)
    return profileOf(identity, claims);
  const more = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
  // An address and whether it is verified come from one place: neither says anything about the other's.
  return profileOf(identity, { ...claims, email: undefined, email_verified: undefined, ...more });
}
