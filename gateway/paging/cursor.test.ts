import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../schema/errors.js';
import { decodeCursor, encodeCursor } from './cursor.js';

describe('cursor', () => {
  it('gives back every position it was made from', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'grapheme' }), fc.string(), (order, value, id) => {
        expect(decodeCursor(encodeCursor({ order, value, id }), order)).toEqual({ order, value, id });
      }),
    );
  });

  it('refuses whatever is not a cursor, naming the field', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text, 'TITLE_ASC')).toThrow(AppError);
      }),
    );
    expect(() =>
      decodeCursor(encodeCursor({ order: 'TITLE_ASC', value: 'a', id: 'b' }), 'CREATED_AT_ASC'),
    ).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'after' } }));
  });
});
