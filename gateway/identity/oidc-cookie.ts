import { z } from 'zod';
import type { SignInAttempt } from './oidc-provider.js';

/** Signs what browsers keep for us, and knows it again. */
export interface SignInTokens {
  sign(purpose: 'oidc', claims: Record<string, string>, lifetimeSeconds: number): Promise<string>;
  /** Undefined where the token is forged, expired or meant for something else. */
  open(purpose: 'oidc', token: string): Promise<Record<string, string> | undefined>;
}

/** A sign-in that has begun in this browser. */
export interface PendingSignIn extends SignInAttempt {
  /** Where it ends. */
  redirectTo: string;
}

/** Keeps a sign-in in the browser that it has begun in, and in no other. */
export interface SignInCookie {
  /** Value of `Set-Cookie` that keeps it for ten minutes. */
  keep(pending: PendingSignIn): Promise<string>;
  /** Value of `Set-Cookie` that ends it. */
  readonly forget: string;
  /** What a `Cookie` header holds; undefined where there is nothing, or nothing that we have put there. */
  read(header: string | undefined): Promise<PendingSignIn | undefined>;
}

const NAME = 'stream_plus_sign_in';
const LIFETIME_SECONDS = 600;
const PURPOSE = 'oidc';

const format = z.object({
  verifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  redirectTo: z.string(),
});

/** The cookie is sent to the folder of `callbackUrl` alone, and over TLS alone where that URL is. */
export function createSignInCookie(deps: { tokens: SignInTokens; callbackUrl: string }): SignInCookie {
  const { protocol, pathname } = new URL(deps.callbackUrl);
  const path = pathname.replace(/\/[^/]*$/, '');
  // Lax: the provider sends the browser back by a link, and other sites' requests go without.
  const attributes = `Path=${path}; HttpOnly; SameSite=Lax${protocol === 'https:' ? '; Secure' : ''}`;

  return {
    async keep(pending) {
      const token = await deps.tokens.sign(PURPOSE, { ...pending }, LIFETIME_SECONDS);
      return `${NAME}=${token}; Max-Age=${LIFETIME_SECONDS}; ${attributes}`;
    },
    forget: `${NAME}=; Max-Age=0; ${attributes}`,
    async read(header) {
      const token = cookieIn(header ?? '', NAME);
      const claims = token === undefined ? undefined : await deps.tokens.open(PURPOSE, token);
      return format.safeParse(claims).data;
    },
  };
}

/** The value of a cookie in a `Cookie` header (RFC 6265 section 4.2.1); undefined where it is not one alone. */
export function cookieIn(header: string, name: string): string | undefined {
  const values = header.split(';').flatMap((pair) => {
    const [key = '', ...value] = pair.split('=');
    return key.trim() === name ? [value.join('=').trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}
