import { describe, expect, it } from '@jest/globals';
import { createMailer, type SmtpMailer } from '../../gateway/identity/mailer.js';
import { freePort } from '../../local/free-port.js';
import { type SmtpSink, type SmtpSinkOptions, startSmtpSink } from './smtp-sink.js';

const from = 'Stream Plus <noreply@example.org>';
const mail = { to: 'ada@example.com', subject: 'Grüße', text: 'Hello Ada,\n\n.this is a “text”.\n' };

/** Runs `work` on a mailer with a server that takes its mails, or does not. */
async function withSink(
  options: SmtpSinkOptions & { credentials?: string; deadlineMs?: number },
  work: (mailer: SmtpMailer, sink: SmtpSink) => Promise<void>,
): Promise<void> {
  await using sink = await startSmtpSink(options);
  const { credentials = '', deadlineMs } = options;
  const smtp = { url: `smtp://${credentials}127.0.0.1:${sink.port}`, from };
  const mailer = createMailer({ smtp, deadlineMs });
  try {
    await work(mailer, sink);
  } finally {
    mailer.close();
  }
}

const header = (data: string, name: string): string[] =>
  [...(data.split('\n\n')[0]?.matchAll(new RegExp(`^${name}: (.*)$`, 'gim')) ?? [])].map(
    ([, value = '']) => value,
  );

const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' });

describe('the mailer', () => {
  it('hands the server one plain text for one person', () =>
    withSink({ credentials: 'me%40example.org:p%3Aw@' }, async (mailer, { mails, commands }) => {
      expect(mailer.isConfigured).toBe(true);
      await mailer.send(mail);
      expect(mails).toMatchObject([{ from: 'noreply@example.org', to: ['ada@example.com'] }]);
      const { data = '' } = mails[0] ?? {};
      expect(header(data, 'from')).toEqual([from]);
      expect(header(data, 'to')).toEqual(['ada@example.com']);
      expect(header(data, 'subject')).toEqual(['=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=']);
      expect(header(data, 'auto-submitted')).toEqual(['auto-generated']);
      expect(header(data, 'content-type')).toEqual(['text/plain; charset=utf-8']);
      expect(data).toContain('\n.this is a =E2=80=9Ctext=E2=80=9D.\n');
      const plain = Buffer.from('\0me@example.org\0p:w').toString('base64');
      expect(commands).toContain(`AUTH PLAIN ${plain}`);
    }));

  it('keeps to the two headers it is asked for, whatever is in them', () =>
    withSink({}, async (mailer, { mails, commands }) => {
      await mailer.send({ ...mail, subject: 'a\r\nBcc: eve@example.com\r\n\r\nb' });
      expect(mails).toMatchObject([{ to: ['ada@example.com'] }]);
      const { data = '' } = mails[0] ?? {};
      expect(header(data, 'subject')).toEqual(['a Bcc: eve@example.com b']);
      expect(header(data, 'bcc')).toEqual([]);
      const addresses = [
        'ada@example.com, eve@example.com',
        'ada@example.com\r\nBcc: eve@example.com',
        'ada@example.com>\r\nRCPT TO:<eve@example.com',
        'Ada <eve@example.com>',
        'eve',
        '',
      ];
      for (const to of addresses) {
        const refused = expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'email' } });
        await expect(mailer.send({ ...mail, to })).rejects.toEqual(refused);
      }
      expect(commands.filter((command) => command.startsWith('RCPT'))).toHaveLength(1);
    }));

  it('tries again where the server cannot take the mail now', () =>
    withSink({ refusals: ['451 busy', '450 busy'] }, async (mailer, { mails }) => {
      await mailer.send(mail);
      expect(mails).toHaveLength(1);
    }));

  it('gives up after a few tries, and at once where the server refuses it for good', async () => {
    const refusals = ['451 busy', '451 busy', '451 busy'];
    await withSink({ refusals }, async (mailer, { mails, commands }) => {
      await expect(mailer.send(mail)).rejects.toEqual(unavailable);
      expect(commands.filter((command) => command.startsWith('RCPT'))).toHaveLength(3);
      expect(mails).toEqual([]);
    });
    await withSink({ refusals: ['550 no such person'] }, async (mailer, { mails, commands }) => {
      await expect(mailer.send(mail)).rejects.toEqual(unavailable);
      expect(commands.filter((command) => command.startsWith('RCPT'))).toHaveLength(1);
      await mailer.send(mail);
      expect(mails).toHaveLength(1);
    });
  });

  it('gives up in time on a server that never answers', () =>
    withSink({ isSilent: true, deadlineMs: 800 }, async (mailer) => {
      const sending = Array.from({ length: 5 }, () => mailer.send(mail));
      for (const { status } of await Promise.allSettled(sending)) expect(status).toBe('rejected');
      await expect(sending[4]).rejects.toEqual(unavailable);
    }));

  it('gives up in time where nobody listens', async () => {
    const smtp = { url: `smtp://127.0.0.1:${await freePort()}`, from };
    const mailer = createMailer({ smtp });
    await expect(mailer.send(mail)).rejects.toEqual(unavailable);
    mailer.close();
  });

  it('says where it is not configured', async () => {
    const mailer = createMailer({});
    expect(mailer.isConfigured).toBe(false);
    await expect(mailer.send(mail)).rejects.toEqual(unavailable);
  });
});
