import { describe, expect, it } from '@jest/globals';
import { planFixture, resultFixture } from '../test/media/probe-fixture.js';
import { mediaPlaylist } from '../processor/publish/media-playlist.js';
import { publishedPrefix } from '../processor/publish/published-prefix.js';
import { segmentAfter, segmentCount, targetDuration } from './playlist-facts.js';

const plan = planFixture();
const results = [0, 1].map((index) => resultFixture(plan, index, { attempt: index + 1 }));
const chunks = publishedPrefix(plan, results).get('v720') ?? [];
const playlist = (ended: boolean) => Buffer.from(mediaPlaylist({ plan, chunks, ended }) ?? '');

describe('a media playlist as processors write it', () => {
  it('tells which segment comes next, whoever made it', () => {
    expect(segmentAfter(playlist(false), 's00000.1.m4s')).toBe('s00001.2.m4s');
    expect(segmentAfter(playlist(false), 's00001.2.m4s')).toBe('s00002.2.m4s');
  });

  it('tells of none after the last, and after what it does not have', () => {
    for (const ended of [false, true]) {
      expect(segmentAfter(playlist(ended), 's00006.2.m4s')).toBeUndefined();
      expect(segmentAfter(playlist(ended), 's00001.1.m4s')).toBeUndefined();
      expect(segmentAfter(playlist(ended), '00001.2.m4s')).toBeUndefined();
    }
  });

  it('tells how many segments it has, and how long they are at most', () => {
    expect(segmentCount(playlist(false))).toBe(7);
    expect(segmentCount(playlist(true))).toBe(7);
    expect(targetDuration(playlist(false), 9)).toBe(4);
    expect(targetDuration(Buffer.from('#EXTM3U\n'), 9)).toBe(9);
  });
});
