import { describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { addProblemHandler } from '../../platform/problem.js';
import { takeJsonBodies } from '../../platform/rest/json-bodies.js';
import type { Project } from '../../schema/project.js';
import type { Video } from '../../schema/video.js';
import { keyCaller } from '../auth/caller.js';
import type { ImportRequest } from '../imports/import-service.js';
import { addUploadRoutes } from './upload-routes.js';

const project = { _id: 'project_a', organizationId: 'org_a', name: 'A' } as Project;
const caller = keyCaller({
  keyId: 'key_a',
  organizationId: 'org_a',
  projectId: 'project_a',
  scopes: ['video:write'],
});

/** What the route answers to JSON, and what it had imported. */
async function post(body: unknown, headers: Record<string, string> = {}, projectId = 'project_a') {
  const app = Fastify();
  const imported: ImportRequest[] = [];
  addProblemHandler(app);
  app.decorateRequest('caller', null as never);
  app.addHook('onRequest', (request, _reply, done) => {
    request.caller = caller;
    done();
  });
  takeJsonBodies(app);
  addUploadRoutes(app, {
    projects: { find: (id) => Promise.resolve(id === project._id ? project : undefined) },
    service: { receive: () => Promise.reject(new Error('no form was sent')) },
    importer: {
      import(request) {
        imported.push(request);
        return Promise.resolve({ _id: 'video_a', projectId: 'project_a', status: 'QUEUED' } as Video);
      },
    },
    maxUploadBytes: 1,
    ...{ publicGatewayUrl: 'https://gateway.test', publicStreamUrl: 'https://play.test' },
  });
  const answer = await app.inject({
    ...{ method: 'POST', url: `/${projectId}/upload`, payload: JSON.stringify(body) },
    headers: { 'content-type': 'application/json', ...headers },
  });
  await app.close();
  return { status: answer.statusCode, json: answer.json<Record<string, unknown>>(), imported };
}

const url = 'https://films.test/film.mp4';

describe('JSON for POST /:projectID/upload', () => {
  it('has a film imported, under its title and key', async () => {
    expect(await post({ url, title: 'A film' }, { 'idempotency-key': '"day 1"' })).toMatchObject({
      ...{ status: 201, json: { videoId: 'video_a', status: 'QUEUED' } },
      imported: [{ url, title: 'A film', project, idempotencyKey: 'day 1' }],
    });
    expect((await post({ url })).imported).toEqual([{ url, project }]);
  });

  it.each([
    [{}, 'url'],
    [null, 'body'],
    [{ url: 'film.mp4' }, 'url'],
    [{ url: 'file:///etc/passwd' }, 'url'],
    [{ url: `${url}?${'x'.repeat(8_192)}` }, 'url'],
    [{ url, title: '' }, 'title'],
  ])('is refused where it says %j', async (body, field) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      json: { code: 'BAD_USER_INPUT', field },
      imported: [],
    });
  });

  it('knows no project of others', async () => {
    expect(await post({ url }, {}, 'project_b')).toMatchObject({ status: 404, imported: [] });
  });
});
