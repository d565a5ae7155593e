import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
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

/** Sends one operation with a small file as its variable `file`. */
export async function askWithFile<T>(
  { url, key }: Sender,
  query: string,
  variables: Record<string, unknown>,
  content: string | Buffer = 'film\0',
): Promise<GraphqlAnswer<T>> {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query, variables: { ...variables, file: null } }));
  form.set('map', JSON.stringify({ 0: ['variables.file'] }));
  form.set('0', new Blob([new Uint8Array(Buffer.from(content))]), 'a.mp4');
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'apollo-require-preflight': 'true', ...authorization(key) },
    body: form,
  });
  return answerOf(response);
}

/** Starts a multipart request by hand and sends the first 50,000 bytes of its file. */
export function beginUpload(
  { url, tenant }: { url: string; tenant: { projectId: string; key: string } },
  headers: Record<string, string> = {},
): ClientRequest {
  const variables = { input: { projectId: tenant.projectId }, file: null };
  const sending = request(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'multipart/form-data; boundary=b',
      'apollo-require-preflight': 'true',
      authorization: `Bearer ${tenant.key}`,
      ...headers,
    },
  });
  const field = (name: string, text: string) =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  sending.write(field('operations', JSON.stringify({ query: uploadMutation, variables })));
  sending.write(field('map', '{"0":["variables.file"]}'));
  sending.write('--b\r\ncontent-disposition: form-data; name="0"; filename="a.mp4"\r\n\r\n');
  sending.write(Buffer.alloc(50_000));
  return sending;
}

/** The end of what {@link beginUpload} began. */
export const END_OF_UPLOAD = '\r\n--b--\r\n';

export async function answerTo(
  sending: ClientRequest,
): Promise<{ errors?: { extensions: Record<string, unknown> }[] }> {
  const [response] = (await once(sending, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Awaited<ReturnType<typeof answerTo>>;
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

export interface SocketAnswer<T> {
  data?: T | null;
  errors?: GraphqlError[];
}

/** The first answer to an operation over the WebSocket; a connection that ends instead is thrown. */
export function askOverSocket<T>(
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<SocketAnswer<T>> {
  return new Promise((resolve, reject) => {
    const leave = client.subscribe<T>(
      { query, variables },
      {
        next(answer) {
          resolve(answer as SocketAnswer<T>);
          setImmediate(() => leave());
        },
        error(error) {
          if (Array.isArray(error)) resolve({ errors: error as unknown as GraphqlError[] });
          else reject(error instanceof Error ? error : new Error('the connection ended', { cause: error }));
        },
        complete: () => reject(new Error('completed without an answer')),
      },
    );
  });
}
