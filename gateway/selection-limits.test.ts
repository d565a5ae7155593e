import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql';
import { limitSelections, type SelectionLimits, selectionLimits } from './selection-limits.js';

const schema = buildSchema(`
  type Query { a: Query b: Int page(first: Int = 20): Query }
  type Mutation { act: Query }
`);

const small: SelectionLimits = {
  ...{ maxDepth: 3, maxFields: 6, maxAliases: 4, maxDirectives: 2, maxRepeats: 2, maxCost: 100, maxActs: 2 },
};

const check = (query: string, limits: SelectionLimits = small) =>
  validate(schema, parse(query), [...specifiedRules, limitSelections(limits)]).map(({ message }) => message);

const tooMuch = ['The operation asks for too much at once.'];

describe('the limits of an operation', () => {
  it.each([
    '{ a { a { b } } }',
    '{ a { b } c: a { b } d: b b }',
    '{ ...F } fragment F on Query { a { b } }',
    '{ b @skip(if: false) @include(if: true) }',
    '{ page { b a { b } } }',
    '{ page(first: 9) { page(first: 3) { b c: b d: b } } }',
    'mutation { act { b } c: act { b } }',
    '{ b b a { b } a { b } }',
    '{ a { b } c: a { b } d: a { b } }',
  ])('let %s pass', (query) => expect(check(query)).toEqual([]));

  it.each([
    ['depth', '{ a { a { a { b } } } }'],
    ['depth in fragments', '{ a { ... on Query { a { ...F } } } } fragment F on Query { a { b } }'],
    ['fields', '{ a { b a { b } } b page(first: 1) { b } }'],
    ['fields in fragments', '{ x: a { ...F } y: a { ...F } z: a { ...F } } fragment F on Query { b c: b }'],
    ['aliases', '{ c: b d: b e: b f: b g: b }'],
    ['aliases in fragments', '{ a { ...F } b ...F } fragment F on Query { c: b d: b e: b }'],
    ['repetition', '{ b b b b }'],
    ['repetition in fragments', '{ a { ...F b ... on Query { b ...F } } } fragment F on Query { b }'],
    ['repetition on two levels', '{ a { b b } a { b b } }'],
    ['directives', '{ b @skip(if: false) ... @skip(if: false) { c: b @include(if: true) } }'],
    ['cost', '{ page { page(first: 5) { b } } }'],
    ['cost by a variable', 'query ($n: Int) { page(first: $n) { b } }'],
    ['cost of a page that is too large anyway', '{ page(first: 1000000) { b } }'],
    ['cost in fragments', '{ page { ...F } } fragment F on Query { page(first: 5) { b } }'],
    ['acts', 'mutation { act { b } c: act { b } d: act { b } }'],
    ['acts in fragments', 'mutation { act { b } ...F } fragment F on Mutation { c: act { b } d: act { b } }'],
  ])('refuse too much %s', (_what, query) => expect(check(query)).toEqual(tooMuch));

  it('count fragments of fragments without expanding them', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, n) => `fragment F${n} on Query { x: a { ...F${n + 1} } y: a { ...F${n + 1} } }`,
    );
    const query = `{ ...F0 } ${fragments.join(' ')} fragment F60 on Query { b }`;
    const onlyFields = { ...selectionLimits, maxDepth: 1_000, maxAliases: 2 ** 62 };
    expect(check(query, onlyFields)).toEqual(tooMuch);
  });

  it('count a fragment as what it stands for', () => {
    const selection = fc.letrec<{ field: string; set: string }>((tie) => ({
      field: fc.oneof(
        fc.constant('b'),
        tie('set').map((set) => `a ${set}`),
      ),
      set: fc.array(tie('field'), { minLength: 1, maxLength: 3 }).map((fields) => `{ ${fields.join(' ')} }`),
    })).set;
    fc.assert(
      fc.property(selection, (set) => {
        const inFragment = check(`{ ...F } fragment F on Query ${set}`);
        expect(inFragment).toEqual(check(set));
        expect(check(`{ ... ${set} }`)).toEqual(inFragment);
      }),
    );
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
