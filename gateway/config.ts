import { z } from 'zod';
import { parseConfig, port, publicUrl, sharedSettings } from '../platform/config.js';
import { isLoopbackHost } from './identity/loopback.js';
import type { OidcSettings } from './identity/oidc-provider.js';
import type { SmtpSettings } from './identity/smtp-options.js';

const smtpUrl = z.url({ protocol: /^smtps?$/, error: 'must be smtp[s]://user:password@host:port' });

/** What is sent there nobody on the way can read or change. */
const issuerUrl = z.string().refine(
  (text) => {
    const { protocol, hostname } = URL.parse(text) ?? {};
    return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname ?? ''));
  },
  { error: 'must be an https:// URL; http:// only on this machine' },
);

/** Settings that are of no use without each other. */
const together = [
  ['SMTP_URL', 'MAIL_FROM'],
  ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'],
] as const;

const settings = z
  .object({
    ...sharedSettings,
    GATEWAY_PORT: port(4000),
    /** As clients reach this process. */
    PUBLIC_GATEWAY_URL: publicUrl.optional(),
    /** As people reach the application they sign in to: links and redirects lead there and nowhere else. */
    PUBLIC_APP_URL: publicUrl.optional(),
    /** As players reach the streamer. */
    PUBLIC_STREAM_URL: publicUrl.default('http://127.0.0.1:4001'),
    /** How long a deleted video can be restored; 0: not at all. */
    DELETE_GRACE_HOURS: z.coerce
      .number()
      .min(0)
      .max(24 * 365)
      .default(0),
    /** Server that mails are sent with. */
    SMTP_URL: smtpUrl.optional(),
    /** Whom mails come from: an address, or `Name <address>`. */
    MAIL_FROM: z
      .string()
      .regex(/^[^\r\n]*@[^\r\n]*$/, { error: 'must be an address, or Name <address>' })
      .optional(),
    /** Outside provider that people may sign in with: the URL its metadata is found below. */
    OIDC_ISSUER: issuerUrl.optional(),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z.string().optional(),
    /** What people know the provider by. */
    OIDC_NAME: z.string().default('Single sign-on'),
    /** Who may make an account after the first user: who was invited, or anybody. */
    SIGN_UP: z.enum(['invitation', 'open']).default('invitation'),
    /** Introspection is for development. */
    NODE_ENV: z.string().default('development'),
  })
  .superRefine((given, context) => {
    for (const names of together) {
      const missing = names.filter((name) => given[name] === undefined);
      if (missing.length === names.length) continue;
      for (const name of missing) {
        const others = names.filter((other) => other !== name).join(' and ');
        context.addIssue({ code: 'custom', path: [name], message: `must be set together with ${others}` });
      }
    }
  })
  .transform(({ PUBLIC_GATEWAY_URL, PUBLIC_APP_URL, ...rest }) => {
    const publicGatewayUrl = PUBLIC_GATEWAY_URL ?? `http://127.0.0.1:${rest.GATEWAY_PORT}`;
    return {
      ...rest,
      PUBLIC_GATEWAY_URL: publicGatewayUrl,
      PUBLIC_APP_URL: PUBLIC_APP_URL ?? publicGatewayUrl,
    };
  });

export type GatewayConfig = z.infer<typeof settings>;

/** @throws Error naming each bad variable. */
export const gatewayConfig = (env: NodeJS.ProcessEnv): GatewayConfig => parseConfig(settings, env);

/** How mails are sent; undefined where they are not. */
export const smtpSettings = ({ SMTP_URL: url, MAIL_FROM: from }: GatewayConfig): SmtpSettings | undefined =>
  url === undefined || from === undefined ? undefined : { url, from };

/** The outside provider that people may sign in with, and its name for them; undefined where there is none. */
export function oidcSettings(config: GatewayConfig): (OidcSettings & { name: string }) | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  return { issuer, clientId, clientSecret, name: config.OIDC_NAME };
}
