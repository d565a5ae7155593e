import { describe, expect, it } from '@jest/globals';
import { lacksEmail, profileOf } from './oidc-profile.js';

const identity = { issuer: 'https://id.test', subject: '1' };
const email = 'ada@example.org';

describe('the profile of a person', () => {
  it.each([
    [{ email, email_verified: true }, email],
    [{ email, email_verified: 'true' }, email],
    [{ email, email_verified: false }, undefined],
    [{ email, email_verified: 'false' }, undefined],
    [{ email, email_verified: 1 }, undefined],
    [{ email }, undefined],
    [{ email_verified: true }, undefined],
    [{ email: [email], email_verified: true }, undefined],
  ])('has an address only where the provider stands for it: %j', (claims, verifiedEmail) => {
    expect(profileOf(identity, claims)).toMatchObject({ identity, ...(verifiedEmail && { verifiedEmail }) });
    expect(profileOf(identity, claims).verifiedEmail).toBe(verifiedEmail);
  });

  it.each([
    [{ name: 'Ada Lovelace', given_name: 'A' }, 'Ada Lovelace'],
    [{ name: 'Ada\r\nLovelace' }, 'Ada  Lovelace'],
    [{ name: ' ', given_name: 'Ada', family_name: 'King' }, 'Ada King'],
    [{ name: 7, preferred_username: 'ada' }, 'ada'],
    [{ email }, 'ada'],
    [{}, 'Unnamed'],
  ])('has a name in any case: %j', (claims, name) => expect(profileOf(identity, claims).name).toBe(name));

  it.each([
    [{ email, email_verified: false }, false],
    [{ email }, true],
    [{}, true],
  ])('is asked for further where the token says too little: %j', (claims, lacks) =>
    expect(lacksEmail(claims)).toBe(lacks),
  );
});
