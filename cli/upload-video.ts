import { stat } from 'node:fs/promises';
import { UsageError, type ExitOn } from './arguments.js';
import { followProgress } from './follow-progress.js';
import { createGraphqlClient, GraphqlError, type GraphqlClient } from './graphql-client.js';
import { multipartBody } from './multipart-file.js';
import type { PlatformAddress } from './platform-address.js';
import { uploadResumable } from './resumable-upload.js';
import type { VideoProgress } from './video-progress.js';

/** What happens on the way of a file to a playable video, in this order. */
export type UploadEvent =
  | { type: 'upload'; sentBytes: number; totalBytes: number }
  | { type: 'uploaded'; videoId: string }
  | ({ type: 'progress' } & VideoProgress)
  | { type: 'playable'; videoId: string; url: string }
  | { type: 'ready'; videoId: string; url: string };

export interface UploadOrder {
  address: PlatformAddress;
  file: string;
  projectId?: string;
  title?: string;
  exitOn: ExitOn;
  signal: AbortSignal;
  onEvent: (event: UploadEvent) => void;
}

/** Bytes go out far more often than anybody wants to hear of. */
const TELL_EVERY_MS = 200;

/** Larger files are sent so that a broken connection does not cost what has arrived. */
const MULTIPART_BYTES = 64 * 1024 * 1024;

/** The video will never be ready; the message says why, fit for its owner. */
export class VideoFailed extends Error {
  constructor(
    readonly videoId: string,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Uploads a file and follows the video until it is what `exitOn` says. Returns its playback URL.
 * @throws UsageError (no such file, no project named), GraphqlError (refused), VideoFailed
 */
export async function uploadVideo(order: UploadOrder): Promise<string> {
  const { address, signal, onEvent } = order;
  const client = createGraphqlClient(address);
  const sizeBytes = await fileSize(order.file);
  // Asked first, so that a wrong key or project is told before the whole file is sent.
  const projectId = await findProject(client, order);
  const videoId = await send(client, { ...order, projectId, sizeBytes });
  onEvent({ type: 'uploaded', videoId });

  let playableUrl: string | undefined;
  for await (const progress of followProgress(address, videoId, signal)) {
    onEvent({ type: 'progress', ...progress });
    if (progress.status === 'FAILED' || progress.status === 'STOPPED') throw failure(progress);
    if (progress.playable && !playableUrl) {
      playableUrl = await playbackUrl(client, videoId, signal);
      onEvent({ type: 'playable', videoId, url: playableUrl });
    }
    if (playableUrl && order.exitOn === 'playable') return playableUrl;
    if (progress.status === 'READY') break;
  }
  const url = await playbackUrl(client, videoId, signal);
  onEvent({ type: 'ready', videoId, url });
  return url;
}

async function fileSize(file: string): Promise<number> {
  const stats = await stat(file).catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  });
  if (!stats.isFile()) throw new UsageError(`${file} is not a file.`);
  if (stats.size === 0) throw new UsageError(`${file} is empty.`);
  return stats.size;
}

async function findProject(client: GraphqlClient, { projectId, signal }: UploadOrder): Promise<string> {
  if (!projectId) return ownProject(client, signal);
  const query = 'query ($id: ID!) { project(id: $id) { id } }';
  const variables = { id: projectId };
  const { project } = await client.request<{ project: { id: string } | null }>({ query, variables }, signal);
  if (!project) throw new GraphqlError('NOT_FOUND', `There is no project ${projectId}, or it is not yours.`);
  return project.id;
}

async function ownProject(client: GraphqlClient, signal: AbortSignal): Promise<string> {
  const query = 'query { viewer { project { id } } }';
  const { viewer } = await client.request<{ viewer: { project: { id: string } | null } }>(
    { query, variables: {} },
    signal,
  );
  if (viewer.project) return viewer.project.id;
  throw new UsageError('This key is not of one project: name one with --project ID.');
}

async function send(
  client: GraphqlClient,
  order: UploadOrder & { projectId: string; sizeBytes: number },
): Promise<string> {
  const query = `mutation ($input: UploadVideoInput!, $file: Upload!) { uploadVideo(input: $input, file: $file) { id } }`;
  const { projectId, title, sizeBytes, onEvent } = order;
  onEvent({ type: 'upload', sentBytes: 0, totalBytes: sizeBytes });
  const file = { path: order.file, sizeBytes, onSent: teller(sizeBytes, onEvent) };
  if (sizeBytes > MULTIPART_BYTES)
    return uploadResumable(client, { ...file, projectId, title }, order.signal);
  const body = multipartBody({ query, variables: { input: { projectId, title } } }, file);
  const { uploadVideo: video } = await client.send<{ uploadVideo: { id: string } }>(body, order.signal);
  return video.id;
}

function teller(totalBytes: number, onEvent: UploadOrder['onEvent']): (sentBytes: number) => void {
  let toldAt = Date.now();
  return (sentBytes) => {
    if (sentBytes < totalBytes && Date.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = Date.now();
    onEvent({ type: 'upload', sentBytes, totalBytes });
  };
}

async function playbackUrl(client: GraphqlClient, videoId: string, signal: AbortSignal): Promise<string> {
  const query = 'query ($id: ID!) { video(id: $id) { playback { url } } }';
  const { video } = await client.request<{ video: { playback: { url: string } | null } | null }>(
    { query, variables: { id: videoId } },
    signal,
  );
  if (!video?.playback) throw new GraphqlError('NOT_FOUND', `Video ${videoId} was removed.`);
  return video.playback.url;
}

function failure({ videoId, status, error }: VideoProgress): VideoFailed {
  if (status === 'STOPPED') return new VideoFailed(videoId, 'STOPPED', 'The video was stopped.');
  return new VideoFailed(videoId, error?.code ?? 'INTERNAL', error?.message ?? 'The video failed.');
}
