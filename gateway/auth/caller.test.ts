import { describe, expect, it } from '@jest/globals';
import type { ApiKeyScope } from '../../schema/api-key.js';
import { visibleProjects, visibleVideos } from './caller.js';

const key = { keyId: 'key_a', scopes: ['video:read'] as ApiKeyScope[] };

describe('what a caller sees', () => {
  it.each([
    { who: 'an administrator', caller: { ...key, scopes: ['admin' as const] }, videos: {}, projects: {} },
    {
      who: 'a project key',
      caller: { ...key, organizationId: 'o', projectId: 'p' },
      videos: { organizationId: 'o', projectId: 'p' },
      projects: { organizationId: 'o', _id: 'p' },
    },
    {
      who: 'an organization key',
      caller: { ...key, organizationId: 'o' },
      videos: { organizationId: 'o' },
      projects: { organizationId: 'o' },
    },
    { who: 'a key of nothing', caller: key, videos: undefined, projects: undefined },
  ])('$who', ({ caller, videos, projects }) => {
    expect(visibleVideos(caller)).toEqual(videos);
    expect(visibleProjects(caller)).toEqual(projects);
  });
});
