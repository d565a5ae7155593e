import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseKeyRing } from './key-ring.js';
import { encodeClaims } from './playback-claims.js';
import { createTokens } from './tokens.js';

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const keys = `k1:${keyOf(1)}`;
const at = Date.parse('2026-03-01T10:20:30Z');
const grant = {
  videoId: 'video_01h455vb4pex5vsknk084sn02q',
  generation: 3,
  expiresAt: new Date(at + 60_000),
};

const tokensAt = (clock: { now: number }, ring = keys) => createTokens({ keys: ring, now: () => clock.now });

describe('playback tokens', () => {
  it('open to the claims they were sealed with', () => {
    const tokens = tokensAt({ now: at });
    expect(tokens.open(tokens.sealEntry(grant), 'entry')).toEqual({
      ...grant,
      purpose: 'entry',
      keyId: 'k1',
    });
    expect(tokens.open(tokens.sealMedia(grant), 'media')).toMatchObject({ generation: 3, purpose: 'media' });
  });

  it('round-trip any grant', () => {
    const tokens = tokensAt({ now: 0 });
    const grants = fc.record({
      videoId: fc
        .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
        .filter((id) => !id.includes('\x01')),
      generation: fc.nat(0xffff_ffff),
      expiresAt: fc.date({ min: new Date(0), max: new Date('2300-01-01'), noInvalidDate: true }),
    });
    const audiences = fc.record(
      {
        userId: fc.string({ maxLength: 60, unit: 'grapheme' }),
        ipPrefix: fc.ipV4(),
        referrers: fc.array(fc.domain(), { maxLength: 4 }),
        maxHeight: fc.nat(9_999),
      },
      { requiredKeys: [] },
    );
    const terms = fc.record(
      {
        audience: audiences,
        viewer: fc.record({
          key: fc.base64String(),
          issuedAt: fc.date({ min: new Date(0), max: new Date('2300-01-01'), noInvalidDate: true }),
          sessionId: fc.base64String(),
        }),
        epoch: fc.integer({ min: 1, max: 1_000_000 }),
        origins: fc.array(fc.webUrl(), { maxLength: 3 }),
        isPublic: fc.constant<true>(true),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(grants, terms, (bare, added) => {
        const any = { ...bare, ...added };
        const opened = tokens.open(tokens.sealEntry(any), 'entry');
        const seconds = Math.floor(any.expiresAt.getTime() / 1000);
        expect(opened).toEqual({
          ...any,
          purpose: 'entry',
          keyId: 'k1',
          expiresAt: new Date(seconds * 1000),
        });
      }),
    );
  });

  it('are never alike for entries, and alike for media within one bucket of expiry', () => {
    const tokens = tokensAt({ now: at });
    const elsewhere = tokensAt({ now: at + 1000 });
    const later = { ...grant, expiresAt: new Date('2026-03-01T11:00:00Z') };
    const nextBucket = { ...grant, expiresAt: new Date('2026-03-01T11:00:01Z') };
    expect(tokens.sealEntry(grant)).not.toBe(tokens.sealEntry(grant));
    expect(tokens.sealMedia(grant)).toBe(elsewhere.sealMedia(later));
    expect(tokens.sealMedia(grant)).not.toBe(tokens.sealMedia(nextBucket));
    expect(tokens.sealMedia(grant)).not.toBe(tokens.sealMedia({ ...grant, generation: 4 }));
  });

  it('for media are alike for one audience, however it is written, and for no other', () => {
    const tokens = tokensAt({ now: at });
    const audience = { userId: 'u', maxHeight: 480 };
    const own = tokens.sealMedia({ ...grant, audience });
    expect(own).toBe(tokens.sealMedia({ ...grant, audience: { maxHeight: 480, userId: 'u' } }));
    expect(own).not.toBe(tokens.sealMedia({ ...grant, audience: { ...audience, userId: 'v' } }));
    expect(own).not.toBe(tokens.sealMedia(grant));
  });

  it('grant media until the end of the bucket', () => {
    const tokens = tokensAt({ now: at });
    const opened = tokens.open(tokens.sealMedia(grant), 'media');
    expect(opened?.expiresAt).toEqual(new Date('2026-03-01T11:00:00Z'));
  });

  it('refuse the other purpose, also once they were opened for their own', () => {
    const tokens = tokensAt({ now: at });
    const entry = tokens.sealEntry(grant);
    expect(tokens.open(entry, 'media')).toBeUndefined();
    expect(tokens.open(entry, 'entry')).toBeDefined();
    expect(tokens.open(entry, 'media')).toBeUndefined();
  });

  it('expire after the allowance for clocks, remembered or not', () => {
    const clock = { now: at };
    const tokens = tokensAt(clock);
    const entry = tokens.sealEntry(grant);
    expect(tokens.open(entry, 'entry')).toBeDefined();
    clock.now = grant.expiresAt.getTime() + 60_000;
    expect(tokens.open(entry, 'entry')).toBeDefined();
    clock.now += 1;
    expect(tokens.open(entry, 'entry')).toBeUndefined();
    expect(tokensAt(clock).open(entry, 'entry')).toBeUndefined();
  });

  it('open under every key of the ring and are sealed by its first', () => {
    const clock = { now: at };
    const old = tokensAt(clock).sealEntry(grant);
    const rotated = tokensAt(clock, `k2:${keyOf(2)},${keys}`);
    expect(rotated.open(old, 'entry')).toBeDefined();
    expect(tokensAt(clock).open(rotated.sealEntry(grant), 'entry')).toBeUndefined();
    expect(tokensAt(clock, `k1:${keyOf(2)}`).open(old, 'entry')).toBeUndefined();
  });
});

describe('a forged playback token', () => {
  const tokens = tokensAt({ now: at });
  const genuine = Buffer.from(tokens.sealEntry(grant), 'base64url');

  it('is refused however it was changed: 100,000 ways, none of which throws', () => {
    const clock = { now: at };
    const own = tokensAt(clock);
    const stranger = tokensAt(clock, `k1:${keyOf(9)}`);
    const byte = fc.nat(255);
    const place = fc.nat(genuine.length - 1);
    const mutations = fc.oneof(
      fc.record({ at: place, bit: fc.nat(7) }).map(({ at: index, bit }) => {
        const forged = Buffer.from(genuine);
        forged[index] = (forged[index] ?? 0) ^ (1 << bit);
        return forged;
      }),
      place.map((length) => genuine.subarray(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Buffer.concat([genuine, more])),
      fc
        .tuple(place, byte)
        .map(([index, more]) =>
          Buffer.concat([genuine.subarray(0, index), Buffer.of(more), genuine.subarray(index)]),
        ),
      fc.uint8Array({ maxLength: 400 }).map((junk) => Buffer.from(junk)),
      fc
        .nat(0xffff_ffff)
        .map((generation) => Buffer.from(stranger.sealEntry({ ...grant, generation }), 'base64url')),
      fc
        .nat(0xffff_ffff)
        .map((generation) => Buffer.from(own.sealMedia({ ...grant, generation }), 'base64url')),
      fc
        .nat(0xffff_ffff)
        .map((generation) =>
          Buffer.from(own.sealEntry({ ...grant, generation, expiresAt: new Date(at - 61_000) }), 'base64url'),
        ),
    );
    let accepted = 0;
    fc.assert(
      fc.property(mutations, (forged) => {
        if (own.open(forged.toString('base64url'), 'entry') && !forged.equals(genuine)) accepted += 1;
      }),
      { numRuns: 100_000 },
    );
    expect(accepted).toBe(0);
    expect(own.open(genuine.toString('base64url'), 'entry')).toBeDefined();
  });

  it('is refused at any length but its own', () => {
    for (let length = 0; length < genuine.length; length += 1) {
      expect(tokens.open(genuine.subarray(0, length).toString('base64url'), 'entry')).toBeUndefined();
    }
    expect(tokens.open(`${genuine.toString('base64url')}AAAA`, 'entry')).toBeUndefined();
  });

  it('is refused when it is junk', () => {
    fc.assert(fc.property(fc.string(), (junk) => tokens.open(junk, 'media') === undefined));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        (junk) => tokens.open(Buffer.from(junk).toString('base64url'), 'media') === undefined,
      ),
    );
    expect(tokens.open('A'.repeat(100_000), 'media')).toBeUndefined();
  });

  it('is refused in any spelling but the canonical one', () => {
    const text = genuine.toString('base64url');
    const spellings = [`${text}=`, `${text}!`, ` ${text}`, `${text.slice(0, 9)}\n${text.slice(9)}`];
    spellings.push(
      genuine.toString('base64'),
      text.replace(/.$/, (last) => `${last}.`),
    );
    for (const spelling of spellings.filter((other) => other !== text)) {
      expect(tokens.open(spelling, 'entry')).toBeUndefined();
    }
  });

  it('is refused with a short tag, though made with the right key', () => {
    const key = parseKeyRing(keys).signing;
    const claims = encodeClaims({ ...grant, purpose: 'entry' });
    const sealWith = (authTagLength: number) => {
      const header = Buffer.from('\x02k1');
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key.encryption, nonce, { authTagLength }).setAAD(header);
      const body = [cipher.update(claims), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat([header, nonce, ...body]).toString('base64url');
    };
    expect(tokens.open(sealWith(16), 'entry')).toBeDefined();
    for (const tagBytes of [4, 8, 12, 15]) expect(tokens.open(sealWith(tagBytes), 'entry')).toBeUndefined();
  });
});
