import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import type { AuditedAct, AuditLog } from './audit-log.js';
import { type ActPlace, createPlacedActs, type PlacedAct } from './placed-acts.js';

const owner: Caller = {
  kind: 'USER',
  id: 'user_a',
  grants: [{ organizationId: 'org_a', permissions: ['key:write'] }],
};
const administrator: Caller = { kind: 'API_KEY', id: 'key_a', grants: [{ permissions: ['admin'] }] };

/** What comes of an act, and what is entered of it. */
async function outcomeOf(caller: Caller, act: Pick<PlacedAct<ActPlace>, 'place' | 'permission'>) {
  const entered: AuditedAct[] = [];
  const audit: Pick<AuditLog, 'record'> = {
    record(entry, _origin, work) {
      entered.push(entry);
      return work();
    },
  };
  const origin = { caller } as OperationOrigin;
  const outcome = await createPlacedActs({ audit })
    .record({ action: 'rotate', ...act }, origin, () => Promise.resolve('done'))
    .catch((error: { code: string }) => error.code);
  return { outcome, organizationId: entered[0]?.organizationId };
}

describe('an act within an organization', () => {
  it.each([
    { place: { organizationId: 'org_a' }, outcome: 'done', organizationId: 'org_a' },
    { place: { organizationId: 'org_b' }, outcome: 'FORBIDDEN', organizationId: 'org_b' },
    { place: {}, outcome: 'FORBIDDEN' },
    { place: undefined, outcome: 'NOT_FOUND' },
  ])('at $place by an owner: $outcome', async ({ place, ...expected }) => {
    expect(await outcomeOf(owner, { place, permission: 'key:write' })).toEqual(expected);
  });

  it('is open to an administrator everywhere, to others by their permission or the act itself', async () => {
    const asked = { place: {}, permission: 'key:write' } as const;
    expect(await outcomeOf(administrator, asked)).toEqual({ outcome: 'done' });
    const elsewhere = { place: { organizationId: 'org_b' } };
    expect((await outcomeOf(owner, elsewhere)).outcome).toBe('done');
  });
});
