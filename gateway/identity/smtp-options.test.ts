import { describe, expect, it } from '@jest/globals';
import { smtpOptions } from './smtp-options.js';

describe('the URL of an SMTP server', () => {
  it.each([
    ['smtp://mail.test', { host: 'mail.test', port: 587, secure: false, requireTLS: false }],
    ['smtps://mail.test', { host: 'mail.test', port: 465, secure: true, requireTLS: false }],
    ['smtp://[::1]:1025', { host: '::1', port: 1025, secure: false, requireTLS: false }],
  ])('%s', (url, options) => expect(smtpOptions(url)).toEqual({ ...options, auth: undefined }));

  it('may have credentials, with any character in them', () => {
    expect(smtpOptions('smtps://a%40b:p%3A%2F%40@mail.test:2525')).toMatchObject({
      ...{ port: 2525, auth: { user: 'a@b', pass: 'p:/@' } },
    });
  });

  it('tells a password in clear only to this machine', () => {
    expect(smtpOptions('smtp://a:b@mail.test')).toMatchObject({ requireTLS: true });
    for (const host of ['127.0.0.1', 'localhost', '[::1]'])
      expect(smtpOptions(`smtp://a:b@${host}:25`)).toMatchObject({ requireTLS: false });
    expect(smtpOptions('smtp://a:b@127.0.0.1.mail.test')).toMatchObject({ requireTLS: true });
  });
});
