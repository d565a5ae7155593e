import { describe, expect, it } from '@jest/globals';
import { gatewayConfig, oidcSettings, smtpSettings } from './config.js';

const required = {
  KAFKA_BROKERS: 'kafka:9092',
  MONGO_URL: 'mongodb://mongo/stream-plus',
  AZURE_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
  STREAM_KEYS: `k1:${'A'.repeat(43)}`,
};
const parse = (env: NodeJS.ProcessEnv) => gatewayConfig({ ...required, ...env });

const oidc = { OIDC_ISSUER: 'https://id.test', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' };
const mail = { SMTP_URL: 'smtps://a:b@mail.test:465', MAIL_FROM: 'Stream Plus <noreply@example.org>' };

describe('the settings of the gateway', () => {
  it('lead to itself where nobody says where the application is', () => {
    expect(parse({ GATEWAY_PORT: '5000' }).PUBLIC_APP_URL).toBe('http://127.0.0.1:5000');
    const { PUBLIC_APP_URL } = parse({ PUBLIC_GATEWAY_URL: 'https://api.test' });
    expect(PUBLIC_APP_URL).toBe('https://api.test');
    expect(parse({ PUBLIC_APP_URL: 'https://app.test' }).PUBLIC_APP_URL).toBe('https://app.test');
  });

  it('have no slash at the end of URLs that paths are put behind', () => {
    const given = {
      PUBLIC_GATEWAY_URL: 'https://api.test/video/',
      PUBLIC_APP_URL: 'https://app.test//',
      PUBLIC_STREAM_URL: 'https://play.test/',
    };
    expect(parse(given)).toMatchObject({
      PUBLIC_GATEWAY_URL: 'https://api.test/video',
      PUBLIC_APP_URL: 'https://app.test',
      PUBLIC_STREAM_URL: 'https://play.test',
    });
  });

  it('need neither mail nor an outside provider', () => {
    const none = parse({ SMTP_URL: '', OIDC_ISSUER: '' });
    expect([smtpSettings(none), oidcSettings(none)]).toEqual([undefined, undefined]);
    expect(smtpSettings(parse(mail))).toEqual({ url: mail.SMTP_URL, from: mail.MAIL_FROM });
    const provider = { issuer: 'https://id.test', clientId: 'a', clientSecret: 'b' };
    expect(oidcSettings(parse(oidc))).toEqual({ ...provider, name: 'Single sign-on' });
  });

  it.each([
    ...Object.keys(mail).map((name) => ({ given: mail, name })),
    ...Object.keys(oidc).map((name) => ({ given: oidc, name })),
  ])('name $name where it is missing among its kind', ({ given, name }) => {
    expect(() => parse({ ...given, [name]: undefined })).toThrow(`${name}: must be set together with`);
  });

  it('take a provider in clear only from this machine', () => {
    for (const OIDC_ISSUER of ['http://127.0.0.1:3000', 'http://localhost/realm', 'http://[::1]:1'])
      expect(parse({ ...oidc, OIDC_ISSUER })).toMatchObject({ OIDC_ISSUER });
    for (const OIDC_ISSUER of ['http://id.test', 'http://localhost.test', 'ftp://id.test', 'id.test'])
      expect(() => parse({ ...oidc, OIDC_ISSUER })).toThrow('OIDC_ISSUER: must be');
  });

  it('take a mail server by its URL, and one line as its sender', () => {
    expect(() => parse({ ...mail, SMTP_URL: 'mail.test:25' })).toThrow('SMTP_URL: must be smtp[s]://');
    expect(() => parse({ ...mail, MAIL_FROM: 'a@b.test\r\nBcc: c@d.test' })).toThrow('MAIL_FROM: must be');
  });
});

const trusted = (TRUST_PROXY?: string) => gatewayConfig({ ...required, TRUST_PROXY }).TRUST_PROXY;

describe('TRUST_PROXY', () => {
  it.each([
    [undefined, false],
    ['false', false],
    ['2', 2],
    ['10.0.0.1', ['10.0.0.1']],
    ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
  ])('%s is %j', (text, value) => expect(trusted(text)).toEqual(value));

  it.each(['true', '*', '10.0.0.0/33', '10.0.0.0/x', 'proxy.example', '10.0.0.1,,'])(
    'may not be %s',
    (text) => expect(() => trusted(text)).toThrow(/TRUST_PROXY: must be false, a number/),
  );
});
