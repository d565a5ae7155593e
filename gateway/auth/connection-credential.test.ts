import { describe, expect, it } from '@jest/globals';
import { connectionCredential } from './connection-credential.js';

describe('the credential of a connection', () => {
  it.each([
    [{ authorization: 'Bearer abc' }, 'abc'],
    [{ Authorization: 'bearer abc' }, 'abc'],
    [{ 'X-API-Key': 'abc' }, 'abc'],
    [{ apiKey: 'abc' }, 'abc'],
    [{ authorization: 'abc' }, undefined],
    [{ authorization: { toString: 1 } }, undefined],
    [undefined, undefined],
  ])('of %j is %j', (params, credential) => expect(connectionCredential(params)).toBe(credential));
});
