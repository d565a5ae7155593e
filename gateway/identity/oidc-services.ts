import type { Database } from '../../platform/mongo.js';
import { signInCallbackRoute, signInStartRoute } from '../../schema/rest/sign-in-routes.js';
import type { AuditLog } from '../admin/audit-log.js';
import { createIdentityStore } from './identity-store.js';
import { createSignInCookie, type SignInTokens } from './oidc-cookie.js';
import { createOidcProvider, type OidcSettings } from './oidc-provider.js';
import { OidcResolver, type OidcResolverDeps } from './oidc-resolver.js';
import type { OidcRoutesDeps } from './oidc-routes.js';
import { createOidcSignIn, type OidcSignInDeps } from './oidc-sign-in.js';
import { createSignInCodes } from './sign-in-codes.js';

/** The provider, and what a sign-in with it needs of the rest. */
export interface OutsideSignInDeps extends Omit<
  OidcSignInDeps,
  'db' | 'audit' | 'identities' | 'users' | 'sessions'
> {
  /** `name` is what people know the provider by. */
  settings: OidcSettings & { name: string };
  publicGatewayUrl: string;
  publicAppUrl: string;
  users: OidcSignInDeps['users'] & OidcResolverDeps['users'];
  sessions: OidcSignInDeps['sessions'] & OidcResolverDeps['sessions'];
  tokens: SignInTokens;
}

/** Everything behind the sign-in with an outside provider, wired; without one, what says so. */
export function createOidcServices(deps: {
  db: Database;
  audit: Pick<AuditLog, 'record'>;
  outside?: OutsideSignInDeps;
}): { routes?: OidcRoutesDeps; resolver: OidcResolver } {
  const { db, audit, outside } = deps;
  if (!outside) return { resolver: new OidcResolver({}) };
  const codes = createSignInCodes({ db });
  const { settings, users, sessions, tokens, publicAppUrl } = outside;
  const callbackUrl = `${outside.publicGatewayUrl}${signInCallbackRoute.path}`;
  return {
    routes: {
      provider: createOidcProvider({ settings, callbackUrl }),
      cookie: createSignInCookie({ tokens, callbackUrl }),
      signIn: createOidcSignIn({ ...outside, db, audit, identities: createIdentityStore({ db }) }),
      ...{ codes, publicAppUrl },
    },
    resolver: new OidcResolver({
      outside: {
        shown: { name: settings.name, startUrl: `${outside.publicGatewayUrl}${signInStartRoute.path}` },
        ...{ codes, users, sessions },
      },
    }),
  };
}
