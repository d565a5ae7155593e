import { describe, expect, it } from '@jest/globals';
import { canonicalHost, createAudienceCheck } from './audience.js';

const page = 'https://www.example.com/watch?v=1';

describe('an audience', () => {
  it.each([
    [{}, '192.0.2.7', undefined, true],
    [{ userId: 'u', maxHeight: 480 }, 'unknown', undefined, true],
    [{ ipPrefix: '192.0.2.0/24' }, '192.0.2.7', undefined, true],
    [{ ipPrefix: '192.0.2.0/24' }, '::ffff:192.0.2.7', undefined, true],
    [{ ipPrefix: '192.0.2.0/24' }, '192.0.3.7', undefined, false],
    [{ ipPrefix: '192.0.2.7' }, '192.0.2.7', undefined, true],
    [{ ipPrefix: '2001:db8::/32' }, '2001:db8:1::7', undefined, true],
    [{ ipPrefix: '2001:db8::/32' }, '192.0.2.7', undefined, false],
    [{ ipPrefix: '192.0.2.0/24' }, '', undefined, false],
    [{ ipPrefix: 'nonsense' }, '192.0.2.7', undefined, false],
    [{ referrers: ['www.example.com'] }, '192.0.2.7', page, true],
    [{ referrers: ['*.example.com'] }, '192.0.2.7', page, true],
    [{ referrers: ['example.com'] }, '192.0.2.7', page, false],
    [{ referrers: ['*.example.com'] }, '192.0.2.7', 'https://example.com/', false],
    [{ referrers: ['*.example.com'] }, '192.0.2.7', 'https://badexample.com/', false],
    [{ referrers: ['www.example.com'] }, '192.0.2.7', 'https://www.example.com.evil.test/', false],
    [{ referrers: ['www.example.com'] }, '192.0.2.7', 'https://www.example.com@evil.test/', false],
    [{ referrers: ['www.example.com'] }, '192.0.2.7', 'nonsense', false],
    [{ referrers: ['www.example.com'] }, '192.0.2.7', undefined, false],
    [{ referrers: [] }, '192.0.2.7', page, false],
    [{ referrers: ['www.example.com'], ipPrefix: '192.0.2.0/24' }, '192.0.3.7', page, false],
  ])('%j has a viewer at %j who comes from %j: %j', (audience, address, referrer, expected) => {
    expect(createAudienceCheck(audience)({ address, referrer })).toBe(expected);
  });
});

describe('the host of a referrer', () => {
  it.each([
    ['Example.com', 'example.com'],
    ['*.example.com', '*.example.com'],
    ['localhost', 'localhost'],
    ['https://example.com', undefined],
    ['*', undefined],
    ['a.*.example.com', undefined],
    ['example.com/', undefined],
    ['-a.example.com', undefined],
    ['', undefined],
    ['a'.repeat(254), undefined],
  ])('%j is kept as %j', (text, host) => {
    expect(canonicalHost(text)).toBe(host);
  });
});
