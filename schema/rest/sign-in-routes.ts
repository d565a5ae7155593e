import { z } from 'zod';
import { restRoute } from './rest-route.js';

const signIn = { on: ['gateway'], methods: ['GET'], tag: 'Sign-in', access: 'public' } as const;

export const signingKeysRoute = restRoute({
  ...signIn,
  path: '/.well-known/jwks.json',
  summary: 'Public keys of access tokens',
  answer: {
    status: 200,
    description: 'A JSON Web Key Set (RFC 7517).',
    body: z.object({ keys: z.array(z.object({ kty: z.string().optional(), kid: z.string().optional() })) }),
  },
  errors: ['UNAVAILABLE'],
});

const redirect = { headers: { Location: 'Where the browser goes.', 'Set-Cookie': 'The sign-in under way.' } };

export const signInStartRoute = restRoute({
  ...signIn,
  path: '/auth/oidc/start',
  summary: 'Begin to sign in with the outside provider',
  description: 'For browsers. Without a provider the answer is 404.',
  query: z.object({
    redirectTo: z.string().optional().meta({
      description: 'A URL of the application, at or below `PUBLIC_APP_URL`. Without one there is no sign-in.',
    }),
  }),
  answer: { status: 302, description: 'To the provider, or back with an `error`.', ...redirect },
  errors: ['NOT_FOUND'],
  hasNoHead: true,
});

export const signInCallbackRoute = restRoute({
  ...signIn,
  path: '/auth/oidc/callback',
  summary: 'Where the outside provider sends the browser back to',
  description: 'With what the provider adds (`code`, `state` or `error`), and the cookie of the beginning.',
  answer: { status: 302, description: 'To the application, with a `code` or an `error`.', ...redirect },
  errors: ['NOT_FOUND', 'BAD_USER_INPUT', 'UNAVAILABLE'],
  hasNoHead: true,
});
