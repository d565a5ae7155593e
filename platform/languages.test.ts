import { expect, it } from '@jest/globals';
import { distinctNames, languageName, languageTag } from './languages.js';

it.each([
  ['eng', 'en'],
  ['ger', 'de'],
  ['pt-br', 'pt-BR'],
  ['gsw', 'gsw'],
  ['x"y', undefined],
  ['', undefined],
  [undefined, undefined],
])('writes the language %s as %s', (language, tag) => {
  expect(languageTag(language)).toBe(tag);
});

it('knows the English names of languages, where there are any', () => {
  expect(['de', 'pt-BR', 'qqq'].map(languageName)).toEqual(['German', 'Brazilian Portuguese', undefined]);
});

it('numbers names from the second on, past those that are taken', () => {
  expect(distinctNames(['A', 'A 2', 'A', 'B', 'A'])).toEqual(['A', 'A 2', 'A 3', 'B', 'A 4']);
});
