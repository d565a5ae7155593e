import { describe, expect, it } from '@jest/globals';
import { parseStreamTarget } from './stream-target.js';

describe('parseStreamTarget', () => {
  it('tells an entry from a media URL, whatever the query', () => {
    const entry = { token: 'abc', purpose: 'entry', file: 'master.m3u8', kind: 'master' };
    const media = { token: 'abc', purpose: 'media', file: 'v720/s00001.2.m4s', kind: 'segment' };
    expect(parseStreamTarget('/stream/abc.m3u8')).toEqual(entry);
    expect(parseStreamTarget('/stream/abc.m3u8?a=/b')).toEqual(entry);
    expect(parseStreamTarget('/stream/abc/v720/s00001.2.m4s?x')).toEqual(media);
  });

  it.each([
    '/stream/',
    '/stream/abc',
    '/stream/abc.mp4',
    '/stream/abc/',
    '/stream/abc/master.m3u8',
    '/stream/abc/../video_b/1/poster.jpg',
    '/stream/abc/./poster.jpg',
    '/stream/abc//poster.jpg',
    '/stream/abc/v720%2Fmedia.m3u8',
    '/stream/abc/v720\\media.m3u8',
    '/stream/abc/source',
    '/stream/abc/poster.jpg\n',
    '/%73tream/abc.m3u8',
    'http://host/stream/abc.m3u8',
  ])('knows no %j', (url) => {
    expect(parseStreamTarget(url)).toBeUndefined();
  });
});
