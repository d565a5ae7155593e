import { expect, it } from '@jest/globals';
import { audioFixture, planFixture, probeFixture } from '../../test/media/probe-fixture.js';
import { audioNames } from './audio-names.js';

it('never gives two tracks one name', () => {
  const languages = ['fra', undefined, 'fre', 'qqq', undefined];
  const streams = languages.map((language, index) =>
    audioFixture({ index, tags: language ? { language } : {} }),
  );
  const names = audioNames(planFixture(probeFixture(streams)).audioTracks);
  expect(names).toEqual(['French', 'Audio 2', 'French 2', 'Audio 4', 'Audio 5']);
});
