import { describe, expect, it } from '@jest/globals';
import { parseStreamTarget } from './stream-target.js';

describe('parseStreamTarget', () => {
  it('tells an entry from a media URL, whatever the query', () => {
    const entry = { token: 'abc', isPublic: false, purpose: 'entry', file: 'master.m3u8', kind: 'master' };
    const media = {
      token: 'abc',
      isPublic: false,
      purpose: 'media',
      file: 'v720/s00001.2.m4s',
      kind: 'segment',
    };
    expect(parseStreamTarget('/stream/abc.m3u8')).toEqual(entry);
    expect(parseStreamTarget('/stream/abc.m3u8?a=/b')).toEqual(entry);
    expect(parseStreamTarget('/stream/abc/v720/s00001.2.m4s?x')).toEqual(media);
  });

  it('takes the id of a video for its master and its poster', () => {
    const named = { token: 'video_01h455vb4pex5vsknk084sn02q', isPublic: true };
    const [master, poster] = [`/stream/${named.token}.m3u8`, `/stream/${named.token}/poster.jpg`];
    expect(parseStreamTarget(master)).toEqual({
      ...{ ...named, purpose: 'entry', file: 'master.m3u8', kind: 'master' },
    });
    expect(parseStreamTarget(poster)).toEqual({
      ...{ ...named, purpose: 'media', file: 'poster.jpg', kind: 'poster' },
    });
  });

  it.each([
    '/stream/',
    '/stream/video_01h455vb4pex5vsknk084sn02q/v720/s00001.2.m4s',
    '/stream/video_01h455vb4pex5vsknk084sn02q/storyboard.vtt',
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
