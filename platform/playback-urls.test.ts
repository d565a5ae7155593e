import { describe, expect, it } from '@jest/globals';
import { hasPoster, playbackUrls } from './playback-urls.js';
import { createTokens } from './tokens.js';

const expiresAt = new Date('2026-03-01T10:20:30.400Z');
const tokens = createTokens({
  keys: `k:${Buffer.alloc(32, 7).toString('base64url')}`,
  now: () => expiresAt.getTime() - 1000,
});
const grant = { videoId: 'video_a', generation: 2, expiresAt, hasPoster: true };

describe('playbackUrls', () => {
  it('leads to the master by an entry token and to the pictures by a media token', () => {
    const urls = playbackUrls({ tokens, publicStreamUrl: 'https://play.example/' }, grant);
    const [, entry = ''] = /^https:\/\/play\.example\/stream\/([\w-]+)\.m3u8$/.exec(urls.url) ?? [];
    const [, media = ''] =
      /^https:\/\/play\.example\/stream\/([\w-]+)\/poster\.jpg$/.exec(urls.posterUrl ?? '') ?? [];
    expect(tokens.open(entry, 'entry')).toMatchObject({ videoId: 'video_a', generation: 2 });
    expect(tokens.open(media, 'media')).toMatchObject({ videoId: 'video_a', generation: 2 });
    expect(urls.storyboardUrl).toBe(`https://play.example/stream/${media}/storyboard.vtt`);
  });

  it('tells the expiry that the token really has', () => {
    const urls = playbackUrls({ tokens, publicStreamUrl: 'http://a' }, grant);
    expect(urls.expiresAt).toEqual(new Date('2026-03-01T10:20:30Z'));
  });

  it('has no pictures where there are none', () => {
    const urls = playbackUrls({ tokens, publicStreamUrl: 'http://a' }, { ...grant, hasPoster: false });
    expect(urls).toMatchObject({ posterUrl: null, storyboardUrl: null });
  });
});

describe('hasPoster', () => {
  it('is true only of a finished video with a picture', () => {
    const picture = [{ width: 640 }, {}];
    expect(hasPoster({ status: 'READY', renditions: picture })).toBe(true);
    expect(hasPoster({ status: 'PROCESSING', renditions: picture })).toBe(false);
    expect(hasPoster({ status: 'READY', renditions: [{}] })).toBe(false);
  });
});
