import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { redactSecrets } from './logger.js';

const token = 'AmsxwERh6GloE7NI_NN-HUxXDthlF8nER5hZSJjNfbg0eCeWNc1BAPhME5HZ3tItJhdWwEmA';

const secrets: [string, string, string][] = [
  ['an API key', 'sp_live_01m85rs6zgectt80kf606s40x9_QThRIfT1BUpcy3O5EBsCQrJ1', 'QThRIfT1'],
  ['a bearer token', 'Authorization: Bearer eyJhbGciOi.J9.abc', 'eyJhbGciOi'],
  ['a refresh token', 'spr_01m85rs6zgectt80kf606s40x9_12_QThRIfT1BUpcy3O5', 'QThRIfT1'],
  ['a signed token', 'token=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', 'eyJzdWIi'],
  ['an account key', 'AccountName=a;AccountKey=Eby8vdM02xNOc==;BlobEndpoint=http://b', 'Eby8vdM02xNOc'],
  ['a playback token', `GET /stream/${token}.m3u8`, token],
  ['the address of an upload', 'PATCH /files/tus_01h455vb4pex5vsknk084sn02q.k1.aGk_', 'k1.aGk_'],
  ['a signed blob URL', 'https://a.b/c?sv=2025&sr=b&sig=abcDEF%2B123&se=2026', 'abcDEF%2B123'],
  ['a one-time code', 'GET /auth/oidc/callback?code=SplxlOBeZQQYbYS6&state=a', 'SplxlOBeZQQYbYS6'],
  ["a mail server's password", 'smtps://me%40example.org:hunter2@mail:465', 'hunter2'],
  ['a database password', 'mongodb://user:hunter2@db:27017/x', 'hunter2'],
];

describe('redactSecrets', () => {
  it.each(secrets)('removes %s and keeps the text around it', (_what, text, secret) => {
    expect(text).toContain(secret);
    const redacted = redactSecrets(`before ${text} after`);
    expect(redacted).not.toContain(secret);
    expect(redacted).toMatch(/^before .*\[redacted\].*$/);
  });

  it('leaves ordinary text alone', () => {
    const text = 'video_01h455vb4pex5vsknk084sn02q planned: 24 chunks, /videos/1?page=2';
    expect(redactSecrets(text)).toBe(text);
  });
});

describe('createLogger', () => {
  it('writes one JSON object a line, with no secret in it', () => {
    const script = `
      const { createLogger } = await import('./platform/logger.ts');
      const log = createLogger({ service: 'test', level: 'info' });
      const cause = new Error('GET http://b/c?sig=topsecret failed');
      log.child({ jobId: 'job_1' }).error({ err: new Error('no', { cause }), apiKey: 'topsecret' }, 'over\\nthere');
      log.debug('not at this level');
    `;
    const root = path.resolve(import.meta.dirname, '..');
    const output = execFileSync(
      process.execPath,
      ['--import', '@swc-node/register/esm-register', '--input-type=module', '-e', script],
      { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
    );
    const lines = output.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      service: 'test',
      jobId: 'job_1',
      apiKey: '[redacted]',
      err: { message: 'no', cause: { message: 'GET http://b/c?sig=[redacted] failed' } },
    });
    expect(output).not.toContain('topsecret');
  });
});
