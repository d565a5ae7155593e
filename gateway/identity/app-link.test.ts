import { expect, it } from '@jest/globals';
import { appLink } from './app-link.js';

it.each(['https://app.test/films', 'https://app.test/films/'])(
  'leads from %s into the application',
  (url) => {
    expect(appLink(url, 'invitation', 'a.b_c-d')).toBe('https://app.test/films/invitation#a.b_c-d');
  },
);
