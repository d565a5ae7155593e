import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { User } from '../../schema/user.js';
import { type Acquaintance, decideSignIn } from './oidc-decision.js';

const email = 'ada@example.org';
const identity = { issuer: 'https://id.test', subject: '1' };
const profile = { identity, verifiedEmail: email, name: 'Ada' };
const user = (_id: string, rest: Partial<User> = {}): User => ({
  ...{ _id, email, name: 'Ada', createdAt: new Date(0), ...rest },
});
const ada = user('user_ada');

describe('somebody whom an outside provider has signed in', () => {
  it.each<{ who: string; known: Partial<Acquaintance>; decision: object }>([
    {
      who: 'has been here before',
      known: { byIdentity: ada },
      decision: { kind: 'known', userId: 'user_ada' },
    },
    {
      who: 'has been here before, with an address that is now another user’s',
      known: { byIdentity: ada, byEmail: user('user_other') },
      decision: { kind: 'known', userId: 'user_ada' },
    },
    {
      who: 'has been here before, and has no verified address any more',
      known: { byIdentity: ada, profile: { identity, name: 'Ada' } },
      decision: { kind: 'known', userId: 'user_ada' },
    },
    {
      who: 'has the verified address of a user',
      known: { byEmail: ada },
      decision: { kind: 'linked', userId: 'user_ada', dropsPassword: false },
    },
    {
      who: 'has the verified address of a user who also signs in elsewhere',
      known: { byEmail: user('user_ada', { identities: [{ issuer: 'https://other.test', subject: '1' }] }) },
      decision: { kind: 'linked', userId: 'user_ada', dropsPassword: false },
    },
    {
      who: 'has the verified address of a user with a password',
      known: { byEmail: user('user_ada', { passwordHash: '$argon2id$' }) },
      decision: { kind: 'linked', userId: 'user_ada', dropsPassword: true },
    },
    {
      who: 'has the verified address of a super admin with a password',
      known: { byEmail: user('user_ada', { passwordHash: '$argon2id$', isSuperAdmin: true }) },
      decision: { kind: 'linked', userId: 'user_ada', dropsPassword: false },
    },
    {
      who: 'has an address that was somebody else’s with the same provider',
      known: { byEmail: user('user_ada', { identities: [{ ...identity, subject: '2' }] }) },
      decision: { kind: 'refused', why: 'ADDRESS_HAS_ANOTHER_OWNER' },
    },
    {
      who: 'has an address that is not verified',
      known: { byEmail: ada, isSignUpOpen: true, profile: { identity, name: 'Ada' } },
      decision: { kind: 'refused', why: 'EMAIL_NOT_VERIFIED' },
    },
    {
      who: 'is new, where strangers may come',
      known: { isSignUpOpen: true },
      decision: { kind: 'created', email, name: 'Ada' },
    },
    {
      who: 'is new, where strangers may not',
      known: {},
      decision: { kind: 'refused', why: 'SIGN_UP_IS_CLOSED' },
    },
  ])('$who: $decision.kind', ({ known, decision }) => {
    expect(decideSignIn({ profile, isSignUpOpen: false, ...known })).toEqual(decision);
  });

  it('reaches no account that is not theirs', () => {
    const users = fc.option(
      fc.constantFrom(ada, user('user_b'), user('user_c', { identities: [identity] })),
      {
        nil: undefined,
      },
    );
    fc.assert(
      fc.property(users, users, fc.boolean(), fc.boolean(), (byIdentity, byEmail, isOpen, isVerified) => {
        const told = isVerified ? profile : { identity, name: 'Ada' };
        const decision = decideSignIn({ profile: told, byIdentity, byEmail, isSignUpOpen: isOpen });
        if (decision.kind === 'known') expect(decision.userId).toBe(byIdentity?._id);
        if (decision.kind === 'linked') expect(decision.userId).toBe(byEmail?._id);
        if (!isVerified) expect(['known', 'refused']).toContain(decision.kind);
        if (!isOpen) expect(decision.kind).not.toBe('created');
      }),
    );
  });
});
