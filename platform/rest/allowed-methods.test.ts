import { describe, expect, it } from '@jest/globals';
import { allowedMethods } from './allowed-methods.js';

const routes = [
  { method: 'POST', pattern: '/:projectID/upload' },
  { method: 'POST', pattern: '/admin/video/:videoID/stop' },
  { method: 'HEAD', pattern: '/stream/*' },
  { method: 'GET', pattern: '/stream/*' },
  { method: 'GET', pattern: '/docs' },
];

describe('the methods of a path', () => {
  it.each([
    ['/project_a/upload', ['POST']],
    ['/admin/video/video_a/stop', ['POST']],
    ['/stream/token/v360/media.m3u8', ['GET', 'HEAD']],
    ['/stream/', ['GET', 'HEAD']],
    ['/docs', ['GET']],
  ])('of %s', (path, methods) => {
    expect(allowedMethods(routes, path)).toEqual(methods);
  });

  it.each([
    '/',
    '/stream',
    '//upload',
    '/project_a/upload/',
    '/docs/page',
    '/admin/video//stop',
    '/a/b/upload',
  ])('are none for %s', (path) => {
    expect(allowedMethods(routes, path)).toEqual([]);
  });
});
