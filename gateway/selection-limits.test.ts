import { describe, expect, it } from '@jest/globals';
import { buildSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql';
import { limitSelections, selectionLimits } from './selection-limits.js';

const schema = buildSchema('type Query { a: Query b: Int }');

const check = (query: string, limits = { maxDepth: 3, maxFields: 6 }) =>
  validate(schema, parse(query), [...specifiedRules, limitSelections(limits)]).map(({ message }) => message);

describe('the limits of an operation', () => {
  it.each(['{ a { a { b } } }', '{ a { b } c: a { b } d: b b }', '{ ...F } fragment F on Query { a { b } }'])(
    'let %s pass',
    (query) => expect(check(query)).toEqual([]),
  );

  it.each([
    '{ a { a { a { b } } } }',
    '{ c: b d: b e: b f: b g: b h: b i: b }',
    '{ a { ... on Query { a { ...F } } } } fragment F on Query { a { b } }',
    '{ x: a { ...F } y: a { ...F } z: a { ...F } } fragment F on Query { b c: b }',
  ])('refuse %s', (query) => expect(check(query)).toEqual(['The operation asks for too much at once.']));

  it('count fragments of fragments without expanding them', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, n) => `fragment F${n} on Query { x: a { ...F${n + 1} } y: a { ...F${n + 1} } }`,
    );
    const query = `{ ...F0 } ${fragments.join(' ')} fragment F60 on Query { b }`;
    expect(check(query, { maxDepth: 1_000, maxFields: 1_000 })).toHaveLength(1);
  });

  it('leave a cycle to the rule that forbids it', () => {
    expect(check('{ ...F } fragment F on Query { a { ...F } }')).toEqual([
      'Cannot spread fragment "F" within itself.',
    ]);
  });

  it('let the standard introspection query pass', () => {
    expect(check(getIntrospectionQuery(), selectionLimits)).toEqual([]);
  });
});
