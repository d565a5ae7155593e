import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport, type NodemailerError } from 'nodemailer';
import { AppError } from '../../schema/errors.js';
import { type SmtpSettings, smtpOptions } from './smtp-options.js';

/** One plain text to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Sends mails, or knows that it cannot. */
export interface Mailer {
  /** Whether there is a server to send with; without one, whoever has a link hands it over in another way. */
  readonly isConfigured: boolean;
  /**
   * Resolves when the server has taken the mail. One that was taken may be sent again where the answer was
   * lost. @throws AppError BAD_USER_INPUT (email), UNAVAILABLE where the server refuses it or does not answer
   * in time.
   */
  send(mail: Mail): Promise<void>;
}

/** A mailer that holds connections. */
export type SmtpMailer = Mailer & { close(): void };

const MAX_TRIES = 3;
const RETRY_AFTER_MS = 250;
/** A mail is given up after this long, waiting for its turn included, milliseconds. */
const DEADLINE_MS = 20_000;
/** Mails that are on their way or wait for their turn. */
const MAX_PENDING = 200;
const MAX_CONNECTIONS = 2;

/** One address and nothing else: what a header or a command could be made of is not part of it. */
const oneAddress = /^[^\s\p{Cc}<>(),;:"\\@[\]]+@[^\s\p{Cc}<>(),;:"\\@[\]]+$/u;

/** Sends by SMTP. Without a server to send with, `isConfigured` is false and nothing can be sent. */
export function createMailer(deps: { smtp?: SmtpSettings; deadlineMs?: number }): SmtpMailer {
  const { smtp, deadlineMs = DEADLINE_MS } = deps;
  if (!smtp) return noMailer;
  const transport = createTransport({
    ...smtpOptions(smtp.url),
    pool: true,
    // It is tried again here, and only here.
    ...{ maxConnections: MAX_CONNECTIONS, maxRequeues: 0 },
    // A server that does not answer gets a part of the time, so that there is some left to try again.
    ...{ connectionTimeout: deadlineMs / 4, greetingTimeout: deadlineMs / 4, dnsTimeout: deadlineMs / 4 },
    ...{ socketTimeout: deadlineMs / 2, disableFileAccess: true, disableUrlAccess: true },
  });

  let pending = 0;

  async function deliver({ to, subject, text }: Mail): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs);
    for (let tries = 1; ; tries++) {
      try {
        await transport.sendMail({
          ...{ from: smtp?.from, to: { name: '', address: to }, subject: oneLine(subject), text, signal },
          // RFC 3834: no machine needs to answer this.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return;
      } catch (error) {
        if (tries === MAX_TRIES || signal.aborted || !mayPass(error)) throw error;
        await sleep(RETRY_AFTER_MS * tries, undefined, { signal });
      }
    }
  }

  return {
    isConfigured: true,
    async send(mail) {
      if (!oneAddress.test(mail.to)) throw new AppError('BAD_USER_INPUT', { field: 'email' });
      if (pending >= MAX_PENDING) throw new AppError('UNAVAILABLE');
      pending++;
      await deliver(mail)
        .catch(unavailable)
        .finally(() => pending--);
    },
    close: () => transport.close(),
  };
}

/** For installations that send no mail. */
export const noMailer: SmtpMailer = {
  isConfigured: false,
  send: () => Promise.reject(new AppError('UNAVAILABLE', { message: 'No mail can be sent from here.' })),
  close: () => undefined,
};

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/** Whether the same mail may pass when it is sent again (RFC 5321 section 4.2.1: 4yz are for now, 5yz for good). */
function mayPass(error: unknown): boolean {
  const { code = '', responseCode } = error as NodemailerError;
  if (responseCode !== undefined) return responseCode >= 400 && responseCode < 500;
  return ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS'].includes(code);
}

function unavailable(error: unknown): never {
  throw new AppError('UNAVAILABLE', { message: 'The mail could not be sent.' }, { cause: error });
}
