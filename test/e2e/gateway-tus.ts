import { expect } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { ask, type Sender } from './gateway-client.js';

/** Sends one tus request. */
export function tus(
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body?: Uint8Array,
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { 'tus-resumable': '1.0.0', ...headers },
    ...(body && { body: new Uint8Array(body) }),
  });
}

export const piece = (offset: number): Record<string, string> => ({
  'content-type': 'application/offset+octet-stream',
  'upload-offset': String(offset),
});

/** A request that never ends by itself, with these bytes so far. */
export function hangingPiece(
  url: string,
  offset: number,
  bytes: Uint8Array,
  end: AbortSignal,
): Promise<Response> {
  async function* body() {
    yield bytes;
    await new Promise((_, reject) => end.addEventListener('abort', reject));
  }
  return fetch(url, {
    method: 'PATCH',
    headers: { 'tus-resumable': '1.0.0', ...piece(offset) },
    body: ReadableStream.from(body()),
    duplex: 'half',
  });
}

export const metadataOf = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');

/** Bytes that pass for a film until somebody looks closely: the first box of an MP4, then noise. */
export function filmBytes(bytes: number): Buffer {
  const start = Buffer.from('0000001c66747970697363dd0000020069736f6d69736f326d703431', 'hex');
  start.write('isom', 8);
  return Buffer.concat([start, randomBytes(Math.max(0, bytes - start.length))]).subarray(0, bytes);
}

/** Of an answer that says what is wrong. */
export async function codeOf(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return ((await response.json()) as { code: string }).code;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const createUpload = `mutation ($input: CreateUploadInput!) {
  createUpload(input: $input) {
    method uploadUrl expiresAt headers { name value }
    video { id title uploadStatus status progress { stage totalBytes } }
  }
}`;

export interface Ticket {
  method: string;
  uploadUrl: string;
  expiresAt: string;
  headers: { name: string; value: string }[];
  video: { id: string; title: string; uploadStatus: string; status: string };
}

/** A ticket for an upload; its URL leads to this gateway, whatever is in front of it elsewhere. */
export async function ticketFor(sender: Sender, input: Record<string, unknown>): Promise<Ticket> {
  const { data, errors } = await ask<{ createUpload: Ticket }>(sender, createUpload, { input });
  expect(errors).toBeUndefined();
  if (!data) throw new Error('no ticket');
  const { createUpload: ticket } = data;
  return { ...ticket, uploadUrl: at(sender.url, ticket.uploadUrl) };
}

/** The address of an upload on another gateway. */
export const at = (gatewayUrl: string, uploadUrl: string): string =>
  uploadUrl.startsWith('https://gateway.test') ? gatewayUrl + new URL(uploadUrl).pathname : uploadUrl;

export interface FoundVideo {
  uploadStatus: string;
  status: string;
  error: { code: string; message: string } | null;
  source: { filename: string; sizeBytes: number; sha256: string | null } | null;
  progress: { receivedBytes: number | null; totalBytes: number | null };
}

export async function findVideo(sender: Sender, id: string): Promise<FoundVideo | null> {
  const { data } = await ask<{ video: FoundVideo | null }>(
    sender,
    `query ($id: ID!) { video(id: $id) { uploadStatus status error { code message }
      source { filename sizeBytes sha256 } progress { receivedBytes totalBytes } } }`,
    { id },
  );
  return data?.video ?? null;
}
