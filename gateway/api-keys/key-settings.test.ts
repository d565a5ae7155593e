import { describe, expect, it } from '@jest/globals';
import { requireFuture, restrictionsOf } from './key-settings.js';

describe('restrictions of a key', () => {
  it('are stored once each, as they will be compared', () => {
    const given = {
      cidrs: ['192.0.2.0/24', ' 2001:db8::1 ', '192.0.2.0/24'],
      origins: ['https://App.example.com/', 'https://app.example.com'],
    };
    expect(restrictionsOf(given)).toEqual({
      cidrs: ['192.0.2.0/24', '2001:db8::1'],
      origins: ['https://app.example.com'],
    });
  });

  it.each([{}, { cidrs: [], origins: [] }, { cidrs: null, origins: null }])('are none in %j', (given) =>
    expect(restrictionsOf(given)).toEqual({ cidrs: undefined, origins: undefined }),
  );

  it.each([
    [{ cidrs: ['192.0.2.0/24', 'everywhere'] }, 'cidrs'],
    [{ origins: ['https://app.example.com/page'] }, 'origins'],
    [{ origins: ['*'] }, 'origins'],
  ])('are refused in %j, naming %s', (given, field) => {
    expect(() => restrictionsOf(given)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });
});

describe('the end of a key', () => {
  it('lies in the future, or nowhere', () => {
    const at = new Date(1_000);
    expect(requireFuture(at, 999)).toBe(at);
    expect(requireFuture(null, 999)).toBeUndefined();
    expect(() => requireFuture(at, 1_000)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'expiresAt' } }),
    );
  });
});
