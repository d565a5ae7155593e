import { expect, it } from '@jest/globals';
import { appLink } from './app-link.js';

it('leads into the application', () => {
  expect(appLink('https://app.test/films', 'invitation', 'a.b_c-d')).toBe(
    'https://app.test/films/invitation#a.b_c-d',
  );
});
