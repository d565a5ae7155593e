import { describe, expect, it } from '@jest/globals';
import type { OpenedClaims } from '../platform/tokens.js';
import { type Revocation, subjectOf } from '../schema/revocation.js';
import { createRevocationList } from './revocation-list.js';

const issuedAt = new Date('2026-03-01T10:00:00Z');
const claims = (over: Partial<OpenedClaims> = {}): OpenedClaims => ({
  ...{ purpose: 'media', videoId: 'video_a', generation: 1, expiresAt: new Date('2026-03-01T12:00:00Z') },
  ...{ keyId: 'k1', ...over },
});
const viewer = { key: 'ada', issuedAt, sessionId: 's1' };

function listOf(...revocations: Revocation[]) {
  const list = createRevocationList();
  for (const revocation of revocations) list.set(subjectOf(revocation), revocation);
  return list;
}

describe('the list of revocations', () => {
  it('is about one session on one video', () => {
    const list = listOf({ kind: 'session', videoId: 'video_a', sessionId: 's1' });
    expect(list.isRevoked(claims({ viewer }))).toBe(true);
    expect(list.isRevoked(claims({ viewer: { ...viewer, sessionId: 's2' } }))).toBe(false);
    expect(list.isRevoked(claims({ viewer, videoId: 'video_b' }))).toBe(false);
    expect(list.isRevoked(claims())).toBe(false);
  });

  it('is about what a viewer was given until then', () => {
    const at = issuedAt.getTime();
    const list = listOf({ kind: 'viewer', viewerKey: 'ada', issuedBefore: at });
    expect(list.isRevoked(claims({ viewer }))).toBe(true);
    expect(list.isRevoked(claims({ viewer: { ...viewer, issuedAt: new Date(at + 1) } }))).toBe(false);
    expect(list.isRevoked(claims({ viewer: { ...viewer, key: 'bob' } }))).toBe(false);
  });

  it('is about what anybody was given of a video until then', () => {
    const list = listOf({ kind: 'video', videoId: 'video_a', belowEpoch: 2 });
    expect([undefined, 1, 2].map((epoch) => list.isRevoked(claims({ epoch })))).toEqual([true, true, false]);
    expect(list.isRevoked(claims({ videoId: 'video_b' }))).toBe(false);
  });

  it('is about a key', () => {
    const list = listOf({ kind: 'key', keyId: 'k1' });
    expect(list.isRevoked(claims())).toBe(true);
    expect(list.isRevoked(claims({ keyId: 'k2' }))).toBe(false);
  });

  it('holds for claims that have passed before, and ends', () => {
    const list = createRevocationList();
    const one = claims();
    expect(list.isRevoked(one)).toBe(false);
    const revocation: Revocation = { kind: 'key', keyId: 'k1' };
    list.set(subjectOf(revocation), revocation);
    expect(list.isRevoked(one)).toBe(true);
    list.set(subjectOf(revocation), undefined);
    expect([list.isRevoked(one), list.size]).toEqual([false, 0]);
  });
});
