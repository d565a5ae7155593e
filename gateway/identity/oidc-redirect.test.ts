import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redirectWithin, withOutcome } from './oidc-redirect.js';

const app = 'https://app.test/studio';

describe('where a sign-in may end', () => {
  it.each([
    'https://app.test/studio',
    'https://app.test/studio/',
    'https://app.test/studio?tab=1#films',
    'https://app.test/studio/films/../signed-in',
    'https://app.test:443/studio/a',
    'HTTPS://APP.TEST/studio',
  ])('%s', (url) => expect(redirectWithin(app, url)?.href).toBe(new URL(url).href));

  it.each([
    undefined,
    ['https://app.test/studio'],
    '',
    '/studio',
    '//evil.test/studio',
    'https://evil.test/studio',
    'https://app.test.evil.test/studio',
    'https://app.test@evil.test/studio',
    'https://me:secret@app.test/studio',
    'https:\\\\evil.test\\studio',
    'https://app.test\\@evil.test/studio',
    'http://app.test/studio',
    'https://app.test:8443/studio',
    'https://app.test/',
    'https://app.test/studios',
    'https://app.test/studio/../admin',
    'https://app.test/studio/%2e%2e/admin',
    'blob:https://app.test/studio',
    'javascript:alert(1)',
    'data:text/html,https://app.test/studio',
    `https://app.test/studio?${'x'.repeat(1_024)}`,
    `https://app.test/studio?${'ü'.repeat(200)}`,
  ])('not %j', (url) => expect(redirectWithin(app, url)).toBeUndefined());

  it('is at the origin of the application, whatever is asked for', () => {
    const part = fc.constantFrom('https:', 'app.test', 'evil.test', '/', '\\', '@', '.', '..', ':', '?', '#');
    const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.webUrl()), (url) => {
        const allowed = redirectWithin('https://app.test', url);
        if (allowed) expect([allowed.protocol, allowed.host]).toEqual(['https:', 'app.test']);
      }),
    );
  });
});

describe('how a sign-in has ended', () => {
  it('stands in the query, beside what was there', () => {
    const url = new URL('https://app.test/in?state=a%26b&code=old#films');
    expect(withOutcome(url, { code: 'new' })).toBe('https://app.test/in?state=a%26b&code=new#films');
    expect(withOutcome(url, { error: 'FORBIDDEN' })).toBe(
      'https://app.test/in?state=a%26b&error=FORBIDDEN#films',
    );
    expect(url.searchParams.get('code')).toBe('old');
  });
});
