import { describe, expect, it } from '@jest/globals';
import { rewriteMaster, upTo } from './master-playlist.js';

const stored = [
  '#EXTM3U',
  '# a remark with URI="a0/media.m3u8"',
  '#EXT-X-SESSION-DATA:DATA-ID="id",VALUE="video_a"',
  '#EXT-X-SESSION-DATA:DATA-ID="thumbnails",VALUE="storyboard.vtt"',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="x,URI=y",URI="a0/media.m3u8"',
  '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="v360/iframes.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="aud"',
  'v360/media.m3u8',
  '',
].join('\n');

describe('rewriteMaster', () => {
  it('moves every URI, and the value that is one, below the prefix and touches nothing else', () => {
    expect(rewriteMaster(stored, 'TOKEN').split('\n')).toEqual([
      '#EXTM3U',
      '# a remark with URI="a0/media.m3u8"',
      '#EXT-X-SESSION-DATA:DATA-ID="id",VALUE="video_a"',
      '#EXT-X-SESSION-DATA:DATA-ID="thumbnails",VALUE="TOKEN/storyboard.vtt"',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="x,URI=y",URI="TOKEN/a0/media.m3u8"',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="TOKEN/v360/iframes.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="aud"',
      'TOKEN/v360/media.m3u8',
      '',
    ]);
  });

  it('keeps line ends as they are', () => {
    expect(rewriteMaster('#EXTM3U\r\n\r\nv360/media.m3u8\r\n', 'T')).toBe(
      '#EXTM3U\r\n\r\nT/v360/media.m3u8\r\n',
    );
  });
});

describe('a master up to a height', () => {
  const two = [
    ...stored.split('\n').slice(0, -1),
    '#EXT-X-STREAM-INF:BANDWIDTH=2800000,AUDIO="aud"',
    'v720/media.m3u8',
    '#EXT-X-I-FRAME-STREAM-INF:URI="v720/iframes.m3u8",BANDWIDTH=2',
    '',
  ].join('\n');

  it('has no taller renditions, and all that is not of a picture', () => {
    expect(upTo(two, 719)).toBe(stored);
    expect(upTo(two, 359).split('\n')).toEqual([...stored.split('\n').slice(0, 5), '']);
  });

  it('is as stored where nothing is too tall, or nothing asked for', () => {
    expect(upTo(two, 720)).toBe(two);
    expect(upTo(two, undefined)).toBe(two);
  });
});
