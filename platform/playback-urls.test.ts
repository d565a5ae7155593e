import { describe, expect, it } from '@jest/globals';
import { playbackUrls, playedGeneration } from './playback-urls.js';
import { createTokens } from './tokens.js';

const expiresAt = new Date('2026-03-01T10:20:30.400Z');
const tokens = createTokens({
  keys: `k:${Buffer.alloc(32, 7).toString('base64url')}`,
  now: () => expiresAt.getTime() - 1000,
});
const grant = { videoId: 'video_a', generation: 2, expiresAt, hasPoster: true };

describe('playbackUrls', () => {
  it('leads to the master by an entry token and to the pictures by a media token', () => {
    const urls = playbackUrls({ tokens, publicStreamUrl: 'https://play.example' }, grant);
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

describe('what a video plays', () => {
  const picture = [{ width: 640 }, {}];
  const ready = { generation: 3, status: 'READY', readyAt: expiresAt, renditions: picture } as const;

  it('has pictures only where it is finished and not sound alone', () => {
    expect(playedGeneration(ready)).toEqual({ generation: 3, readyAt: expiresAt, hasPoster: true });
    expect(playedGeneration({ ...ready, status: 'PROCESSING' }).hasPoster).toBe(false);
    expect(playedGeneration({ ...ready, renditions: [{}] }).hasPoster).toBe(false);
  });

  it('is the generation that was READY while another one is made, or has failed', () => {
    const served = { generation: 1, renditions: [], playableSeconds: 4 };
    for (const status of ['QUEUED', 'PROCESSING', 'FAILED', 'STOPPED'] as const) {
      const played = playedGeneration({ ...ready, status, served });
      expect(played).toEqual({ generation: 1, readyAt: undefined, hasPoster: true });
    }
  });
});
