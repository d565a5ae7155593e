import { openAsBlob } from 'node:fs';
import path from 'node:path';
import {
  ask,
  askWithFile,
  connect,
  uploadForm,
  type GraphqlAnswer,
  type UploadedVideo,
} from '../e2e/gateway-client.js';
import { followProgress, type Following, type Progress } from './platform-progress.js';

/** What an application does with the platform, through its public interface alone. */
export interface PlatformClient {
  readonly projectId: string;
  readonly apiKey: string;
  /** Sends a file by GraphQL multipart; resolves to the video's id. @throws Error with the first refusal */
  upload(file: string): Promise<string>;
  /** Adds captions in a language, as such a file says them. @throws Error with the first refusal */
  addCaptions(videoId: string, language: string, file: string): Promise<void>;
  /** @throws Error with the first refusal */
  query<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Subscribes to a video, over the one WebSocket. */
  follow(videoId: string): Following;
  /** Subscribes to every video of the project. */
  followProject(): Following;
  /** Where to play a video; null until it is playable. */
  playback(videoId: string): Promise<Playback | null>;
  close(): Promise<void>;
}

export interface Playback {
  url: string;
  posterUrl: string | null;
  storyboardUrl: string | null;
}

const progressFields = `videoId generation sequence uploadStatus status stage playable percent
  playableSeconds workers error { code message retryable } renditions { name percent }`;

export function createPlatformClient(at: { url: string; projectId: string; apiKey: string }): PlatformClient {
  const sender = { url: at.url, key: at.apiKey };
  const socket = connect(sender);

  async function query<T>(text: string, variables: Record<string, unknown> = {}): Promise<T> {
    return dataOf(await ask<T>(sender, text, variables));
  }

  const follow = (field: string, variables: Record<string, unknown>, type: string): Following => {
    const name = Object.keys(variables)[0] ?? '';
    const text = `subscription ($${name}: ID!) { ${field}(${name}: $${name}) { ${progressFields} } }`;
    return followProgress(
      socket.iterate<Record<string, Progress>>({ query: text, variables }),
      ({ [field]: event }) => {
        if (!event) throw new Error(`${type} without an event`);
        return event;
      },
    );
  };

  return {
    projectId: at.projectId,
    apiKey: at.apiKey,
    query,
    async upload(file) {
      const form = uploadForm({ projectId: at.projectId }, await openAsBlob(file), path.basename(file));
      const response = await fetch(`${at.url}/graphql`, {
        method: 'POST',
        headers: { 'apollo-require-preflight': 'true', authorization: `Bearer ${at.apiKey}` },
        body: form,
      });
      const answer = (await response.json()) as GraphqlAnswer<{ uploadVideo: UploadedVideo }>;
      return dataOf(answer).uploadVideo.id;
    },
    async addCaptions(videoId, language, file) {
      const text = `mutation ($input: AddCaptionsInput!, $file: Upload!) {
        addCaptions(input: $input, file: $file) { id } }`;
      dataOf(await askWithFile(sender, text, { input: { videoId, language } }, file));
    },
    follow: (videoId) => follow('videoProgress', { videoId }, 'a video'),
    followProject: () => follow('projectProgress', { projectId: at.projectId }, 'a project'),
    async playback(videoId) {
      const { video } = await query<{ video: { playback: Playback | null } }>(
        'query ($id: ID!) { video(id: $id) { playback { url posterUrl storyboardUrl } } }',
        { id: videoId },
      );
      return video.playback;
    },
    async close() {
      await socket.dispose();
    },
  };
}

function dataOf<T>({ data, errors }: Pick<GraphqlAnswer<T>, 'data' | 'errors'>): T {
  const [error] = errors ?? [];
  if (error) throw new Error(`${error.extensions.code}: ${error.message}`);
  if (data == null) throw new Error('an answer without data');
  return data;
}
