import fc from 'fast-check';

const codePoint = fc.integer({ min: 0, max: 0x10ffff }).map((n) => String.fromCodePoint(n));

/**
 * Text of any code points, halves of surrogate pairs too: as fast-check's unit `binary`, which takes seconds to
 * list all there are.
 */
export const anyText = (constraints: { maxLength?: number } = {}) =>
  fc.string({ ...constraints, unit: codePoint });
