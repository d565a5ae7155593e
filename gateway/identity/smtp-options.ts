import { isLoopbackHost } from './loopback.js';

/** How mails are sent. */
export interface SmtpSettings {
  /** `smtp[s]://user:password@host:port`, the parts of the credentials percent-encoded. */
  url: string;
  /** Whom they come from: an address, or `Name <address>`. */
  from: string;
}

const SUBMISSION_PORT = 587;
const SUBMISSION_TLS_PORT = 465;

/**
 * What an SMTP URL says, for nodemailer. `smtps` is TLS from the first byte; `smtp` begins in clear and goes
 * on in TLS where the server offers it, which it must before it is told a password, unless it is this machine.
 */
export function smtpOptions(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const auth =
    username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return {
    ...{ host, secure, auth },
    port: port === '' ? (secure ? SUBMISSION_TLS_PORT : SUBMISSION_PORT) : Number(port),
    requireTLS: auth !== undefined && !secure && !isLoopbackHost(hostname),
  };
}
