import { describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createApiKeyVerifier } from '../../platform/api-keys.js';
import { createMetrics } from '../../platform/metrics.js';
import { createTokens } from '../../platform/tokens.js';
import { createStreamer } from '../../streamer/app.js';
import { createVideoStore } from '../../streamer/video-store.js';
import { anyDevice, nothingRevoked, testKeys, unstoredSessions } from '../support/streamer-fixture.js';
import { quietLog } from '../support/test-database.js';
import { askOverSocket, uploadForm } from './gateway-client.js';
import { withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const query = '{ viewer { kind } }';
const told = { data: { viewer: { kind: 'API_KEY' } } };

describe('a key in X-API-Key', () => {
  it('opens GraphQL over HTTP, with JSON and with a file', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant }) => {
      const post = async (headers: Record<string, string>, body: string | FormData) =>
        (
          await fetch(`${url}/graphql`, {
            ...{ method: 'POST', headers: { 'x-api-key': tenant.key, ...headers }, body },
          })
        ).json();
      const json = { 'content-type': 'application/json' };
      expect(await post(json, JSON.stringify({ query }))).toEqual(told);
      const form = uploadForm({ projectId: tenant.projectId }, new Blob(['film\0']), 'a.mp4');
      expect(await post({ 'apollo-require-preflight': 'true' }, form)).toMatchObject({
        data: { uploadVideo: { uploadStatus: 'RECEIVED' } },
      });
    }));

  it('opens the REST routes', () =>
    withGateway({ kafka: 'silent' }, async ({ url, adminKey }) => {
      const response = await fetch(`${url}/admin/stats`, { headers: { 'x-api-key': adminKey } });
      expect(response.status).toBe(200);
    }));

  it.each(['X-API-Key', 'x-api-key', 'apiKey'])('opens the WebSocket, as %s', (name) =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant }) => {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { [name]: tenant.key },
        retryAttempts: 0,
      });
      expect(await askOverSocket(client, query)).toEqual(told);
      await client.dispose();
    }),
  );

  it('opens /videos of the streamer', () =>
    withGateway({ kafka: 'silent' }, async ({ db, tenant }) => {
      const id = await storeVideo(db, tenant, { playable: true });
      const app = createStreamer({
        log: quietLog,
        tokens: createTokens({ keys: testKeys }),
        openBlob: () => Promise.resolve(undefined),
        cacheBytes: 1024,
        videos: createVideoStore({ db }),
        revocations: nothingRevoked,
        apiKeys: createApiKeyVerifier({ db }),
        publicStreamUrl: 'http://play.test',
        metrics: createMetrics('streamer'),
        sessions: unstoredSessions(),
        devices: anyDevice,
        checks: {},
        stopping: new AbortController().signal,
      });
      const reply = await app.inject({ url: `/videos/${id}`, headers: { 'x-api-key': tenant.key } });
      expect(reply.json()).toHaveProperty('playback.url');
      await app.close();
    }));
});
