import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Role } from '../../schema/permissions.js';
import { type Actor, isLess, leavesNoOwner, mayChange } from './member-rules.js';

const roles = Object.values(Role);
const role = fc.constantFrom(...roles);
const maybe = fc.option(role, { nil: undefined });
const change = fc.record({ from: maybe, to: maybe });

describe('a change of a member', () => {
  it.each<{ actor: Actor; from?: Role; to?: Role; isOwn?: boolean; may: boolean }>([
    { actor: 'OWNER', to: 'OWNER', may: true },
    { actor: 'OWNER', from: 'OWNER', to: 'MEMBER', may: true },
    { actor: 'OWNER', from: 'OWNER', may: true },
    { actor: 'ADMIN', to: 'ADMIN', may: true },
    { actor: 'ADMIN', from: 'ADMIN', may: true },
    { actor: 'ADMIN', from: 'VIEWER', to: 'ADMIN', may: true },
    { actor: 'ADMIN', to: 'OWNER', may: false },
    { actor: 'ADMIN', from: 'OWNER', to: 'VIEWER', may: false },
    { actor: 'ADMIN', from: 'OWNER', may: false },
    { actor: 'ADMIN', from: 'ADMIN', to: 'OWNER', isOwn: true, may: false },
    { actor: 'MEMBER', to: 'VIEWER', may: false },
    { actor: 'MEMBER', from: 'MEMBER', to: 'VIEWER', isOwn: true, may: false },
    { actor: 'VIEWER', from: 'VIEWER', isOwn: true, may: true },
    { actor: undefined, to: 'VIEWER', may: false },
    { actor: 'SUPER_ADMIN', from: 'ADMIN', to: 'OWNER', may: true },
  ])('from $from to $to by $actor: $may', ({ actor, may, ...asked }) =>
    expect(mayChange(actor, asked)).toBe(may),
  );

  it('by anybody but an owner concerns no owner', () => {
    fc.assert(
      fc.property(fc.constantFrom('ADMIN', 'MEMBER', 'VIEWER', undefined), change, (actor, asked) => {
        fc.pre(asked.from === 'OWNER' || asked.to === 'OWNER');
        expect(mayChange(actor, asked)).toBe(false);
      }),
    );
  });

  it('never gives anybody more than they may do themselves', () => {
    fc.assert(
      fc.property(role, change, (actor, asked) => {
        fc.pre(mayChange(actor, { ...asked, isOwn: true }));
        expect(isLess({ from: asked.to, to: actor })).toBe(false);
      }),
    );
  });

  it('always lets a member leave, and somebody without a part do nothing', () => {
    fc.assert(
      fc.property(role, change, (own, asked) => {
        expect(mayChange(own, { from: own, isOwn: true })).toBe(true);
        expect(mayChange(undefined, asked)).toBe(false);
      }),
    );
  });
});

describe('the last owner', () => {
  it('cannot become less, and of several each can', () => {
    fc.assert(
      fc.property(change, fc.integer({ min: 1, max: 5 }), (asked, owners) => {
        const ownersAfter = owners - Number(asked.from === 'OWNER') + Number(asked.to === 'OWNER');
        expect(leavesNoOwner(asked, owners)).toBe(ownersAfter === 0);
      }),
    );
  });
});

describe('less', () => {
  it('is every way down, and leaving', () => {
    for (const [place, from] of roles.entries()) {
      expect(roles.map((to) => isLess({ from, to }))).toEqual(roles.map((_, other) => other > place));
      expect(isLess({ from })).toBe(true);
      expect(isLess({ to: from })).toBe(false);
    }
  });
});
