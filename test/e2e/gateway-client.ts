import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface GraphqlError {
  message: string;
  path?: string[];
  extensions: { code: string; [detail: string]: unknown };
}

export interface GraphqlAnswer<T> {
  status: number;
  headers: Headers;
  data?: T | null;
  errors?: GraphqlError[];
}

export interface Sender {
  url: string;
  key?: string;
}

/** Sends one operation as JSON. */
export async function ask<T>(
  { url, key }: Sender,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlAnswer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization(key) },
    body: JSON.stringify({ query, variables }),
  });
  return answerOf(response);
}

const authorization = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };

async function answerOf<T>(response: Response): Promise<GraphqlAnswer<T>> {
  const body = (await response.json()) as Omit<GraphqlAnswer<T>, 'status' | 'headers'>;
  return { ...body, status: response.status, headers: response.headers };
}

export const uploadMutation = `mutation ($input: UploadVideoInput!, $file: Upload!) {
  uploadVideo(input: $input, file: $file) {
    id title uploadStatus status playable
    source { filename sizeBytes }
    progress { sequence stage queuePosition }
    project { id }
  }
}`;

export interface UploadedVideo {
  id: string;
  title: string;
  uploadStatus: string;
  status: string;
  playable: boolean;
  source: { filename: string; sizeBytes: number };
  progress: { sequence: number; stage: string; queuePosition: number | null };
  project: { id: string };
}

/** The form of a GraphQL multipart request with one file. */
export function uploadForm(input: Record<string, unknown>, file: Blob, filename: string): FormData {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query: uploadMutation, variables: { input, file: null } }));
  form.set('map', JSON.stringify({ 0: ['variables.file'] }));
  form.set('0', file, filename);
  return form;
}

/** Uploads a file as a browser would. */
export async function upload(
  { url, key }: Sender,
  input: Record<string, unknown>,
  file: { bytes: Buffer; name: string },
): Promise<GraphqlAnswer<{ uploadVideo: UploadedVideo }>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'apollo-require-preflight': 'true', ...authorization(key) },
    body: uploadForm(input, new Blob([new Uint8Array(file.bytes)]), file.name),
  });
  return answerOf(response);
}

/** A graphql-ws client; `closed` gets the code its connection ends with. */
export function connect({ url, key }: Sender, closed?: (code: number) => void): Client {
  return createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: authorization(key),
    retryAttempts: 0,
    on: { closed: (event) => closed?.((event as { code: number }).code) },
  });
}
