import { describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { addProblemHandler } from '../../platform/problem.js';
import type { Video } from '../../schema/video.js';
import { anonymous } from '../auth/caller.js';
import { addReprocessRoute } from './reprocess-route.js';

const video = { _id: 'video_a', projectId: 'project_a', status: 'READY', generation: 1 } as Video;

/** What the route answers, and what it had made anew. */
async function reprocess(path: string) {
  const app = Fastify();
  const made: string[] = [];
  addProblemHandler(app);
  app.decorateRequest('caller', null as never);
  app.addHook('onRequest', (request, _reply, done) => {
    request.caller = anonymous;
    done();
  });
  addReprocessRoute(app, {
    videos: { find: (id) => Promise.resolve(id === video._id ? video : undefined) },
    reprocesses: {
      reprocess({ id }) {
        made.push(id);
        return Promise.resolve({ ...video, status: 'QUEUED', generation: 2 } as Video);
      },
    },
    ...{ publicGatewayUrl: 'https://gateway.test', publicStreamUrl: 'https://play.test' },
  });
  const answer = await app.inject({ method: 'POST', url: path });
  await app.close();
  return { status: answer.statusCode, json: answer.json<Record<string, unknown>>(), made };
}

describe('POST /reprocess/:projectID/:videoID', () => {
  it('makes the video anew, and says where to go from there', async () => {
    expect(await reprocess('/reprocess/project_a/video_a')).toEqual({
      ...{ status: 202, made: ['video_a'] },
      json: {
        ...{ videoId: 'video_a', status: 'QUEUED', generation: 2 },
        links: {
          self: 'https://play.test/videos/video_a',
          reprocess: 'https://gateway.test/reprocess/project_a/video_a',
          progress: 'wss://gateway.test/graphql',
        },
      },
    });
  });

  it.each(['/reprocess/project_b/video_a', '/reprocess/project_a/video_b'])('knows no %s', async (path) => {
    expect(await reprocess(path)).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' }, made: [] });
  });
});
