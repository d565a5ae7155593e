import { BlockBlobClient } from '@azure/storage-blob';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { createGraphqlClient, type GraphqlClient } from '../cli/graphql-client.js';
import { multipartBody } from '../cli/multipart-file.js';
import { uploadResumable } from '../cli/resumable-upload.js';
import { type BlobContainer, connectBlobContainer } from '../platform/blob.js';
import { residentBytes } from '../processor/transcode/memory-watch.js';
import { startBenchPlatform, type BenchPlatform } from './platform.js';
import { percentile, type Figure } from './report.js';

const MiB = 1024 ** 2;
const BLOCK_BYTES = 4 * MiB;
const ROUNDS = 3;
const SPEED_BYTES = 256 * MiB;
const SMALL_BYTES = 100 * MiB;
const LARGE_BYTES = 4096 * MiB;
const RSS_EVERY_MS = 100;

/** What passes for a film at first sight, and is none that anything else would compress. */
async function filmOf(folder: string, bytes: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `upload-${bytes / MiB}.mp4`);
  const handle = await open(file, 'w');
  const start = Buffer.from('0000001c6674797069736f6d0000020069736f6d69736f326d703431', 'hex');
  const noise = createHash('shake256', { outputLength: BLOCK_BYTES }).update('bench').digest();
  for (let at = 0; at < bytes; at += noise.length) {
    const block = at === 0 ? Buffer.concat([start, noise.subarray(start.length)]) : noise;
    await handle.write(block.subarray(0, bytes - at));
  }
  await handle.close();
  return file;
}

interface Way {
  name: string;
  /** Of the time that the client takes to put blocks into storage by itself. */
  atMost: number;
  send(file: string, sizeBytes: number): Promise<unknown>;
}

const signal = new AbortController().signal;

/** The client puts the blocks into storage itself, with as many at once as the gateway has. */
async function putBlocks(blobs: BlobContainer, file: string): Promise<void> {
  const name = `direct/${randomUUID()}`;
  const ids: string[] = [];
  let before: Promise<unknown> = Promise.resolve();
  for await (const block of createReadStream(file, { highWaterMark: BLOCK_BYTES })) {
    const id = String(ids.push('')).padStart(5, '0');
    ids[ids.length - 1] = id;
    const staged = blobs.stageBlock(name, id, block as Buffer);
    await before;
    before = staged;
  }
  await before;
  await blobs.commitBlocks(name, ids);
}

async function putByTicket(client: GraphqlClient, projectId: string, file: string): Promise<void> {
  const { createUpload: ticket } = await client.request<{
    createUpload: { uploadUrl: string; video: { id: string } };
  }>(
    {
      query: `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { uploadUrl video { id } } }`,
      variables: { input: { projectId, method: 'BLOB' } },
    },
    signal,
  );
  const source = createReadStream(file, { highWaterMark: MiB });
  await new BlockBlobClient(ticket.uploadUrl).uploadStream(source, BLOCK_BYTES, 2);
  const query = 'mutation ($id: ID!) { completeUpload(videoId: $id) { id } }';
  await client.request({ query, variables: { id: ticket.video.id } }, signal);
}

function waysOf({ address, projectId }: BenchPlatform, blobs: BlobContainer): Way[] {
  const client = createGraphqlClient(address);
  const query = `mutation ($input: UploadVideoInput!, $file: Upload!) { uploadVideo(input: $input, file: $file) { id } }`;
  const onSent = () => undefined;
  return [
    { name: 'direct', atMost: 1, send: (file) => putBlocks(blobs, file) },
    {
      name: 'multipart',
      atMost: 1 / 0.8,
      send: (file, sizeBytes) =>
        client.send(
          multipartBody({ query, variables: { input: { projectId } } }, { path: file, sizeBytes, onSent }),
          signal,
        ),
    },
    {
      name: 'tus',
      atMost: 1 / 0.7,
      send: (file, sizeBytes) =>
        uploadResumable(client, { path: file, sizeBytes, projectId, onSent }, signal),
    },
    { name: 'BLOB ticket', atMost: 1 / 0.7, send: (file) => putByTicket(client, projectId, file) },
  ];
}

/** The median time of each way, seconds; one after the other, round by round, so that all meet the same machine. */
async function timeWays(ways: readonly Way[], file: string): Promise<number[]> {
  const seconds: number[][] = ways.map(() => []);
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [index, way] of ways.entries()) {
      const startedAt = performance.now();
      await way.send(file, SPEED_BYTES);
      // The first one warms up.
      if (round >= 0) seconds[index]?.push((performance.now() - startedAt) / 1000);
    }
  }
  return seconds.map((values) => percentile(values, 0.5));
}

/** The most memory that the gateway has while `work` goes on, bytes. */
async function peakDuring(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = residentBytes(pid) ?? 0;
  const watching = setInterval(() => (peak = Math.max(peak, residentBytes(pid) ?? 0)), RSS_EVERY_MS);
  await work().finally(() => clearInterval(watching));
  return peak;
}

/** How fast each way in is against writing to storage directly, and what large files cost the gateway. */
export async function measureUploads(folder: string): Promise<Figure[]> {
  const platform = await startBenchPlatform({ processors: [] });
  const { AZURE_STORAGE_CONNECTION_STRING: connectionString = '' } = platform.stack.env;
  const blobs = connectBlobContainer({ connectionString, container: 'direct' });
  const files = await Promise.all(
    [SPEED_BYTES, SMALL_BYTES, LARGE_BYTES].map((size) => filmOf(folder, size)),
  );
  const [speed = '', small = '', large = ''] = files;
  try {
    await blobs.ensure();
    const ways = waysOf(platform, blobs);
    const times = await timeWays(ways, speed);
    const direct = times[0] ?? NaN;
    const figures: Figure[] = ways.map(({ name, atMost }, index) => ({
      name: `${name}: time of ${SPEED_BYTES / MiB} MiB (${(SPEED_BYTES / 1e6 / (times[index] ?? NaN)).toFixed(0)} MB/s) against direct`,
      value: (times[index] ?? NaN) / direct,
      unit: '×',
      atMost,
    }));
    const pid = platform.gateway.pid ?? 0;
    for (const way of ways.filter(({ name }) => name === 'multipart' || name === 'tus')) {
      const before = await peakDuring(pid, () => way.send(small, SMALL_BYTES));
      const after = await peakDuring(pid, () => way.send(large, LARGE_BYTES));
      figures.push({
        name: `${way.name}: growth of the gateway from 100 MiB to 4 GiB`,
        value: (after - before) / 1e6,
        unit: 'MB',
        atMost: 60,
      });
    }
    return figures;
  } finally {
    await platform.stop();
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }
}
