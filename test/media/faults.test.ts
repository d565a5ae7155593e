import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeChunk, type EncodeRequest } from '../../processor/transcode/encode-chunk.js';
import type { AppError } from '../../schema/errors.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import { corpus } from './corpus.js';
import { makeSource } from './make-source.js';
import { startMediaServer, type Fault, type MediaServer } from './media-server.js';
import { encodeDeps, makeFolders, openTestFolder, planFilm, testFfmpeg } from './transcode-film.js';
import type { EncodeFolders, TestFolder } from './transcode-film.js';

const ffmpeg = testFfmpeg();
let server: MediaServer;
let folder: TestFolder;
let source: string;
let plan: TranscodePlan;
let folders: EncodeFolders;

beforeAll(async () => {
  server = await startMediaServer();
  folder = await openTestFolder();
  source = await makeSource(corpus.find(({ file }) => file === 'heavy.mp4')!);
  plan = (await planFilm(ffmpeg, server.urlOf(source))).plan;
  folders = await makeFolders(plan, folder.path);
});
afterAll(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

let attempt = 0;

/** Encodes the third chunk as a new attempt; `request` and `deps` replace what is usual. */
async function encode(
  sourceUrl: string,
  request: Partial<EncodeRequest> = {},
  deps: Partial<Parameters<typeof encodeChunk>[0]> = {},
): Promise<ChunkResult> {
  attempt += 1;
  const trackNames = [...plan.videoTracks, ...plan.audioTracks].map(({ name }) => name);
  const signal = new AbortController().signal;
  const usual = {
    plan,
    chunk: plan.chunks[2]!,
    part: 'ALL' as const,
    trackNames,
    sourceUrl,
    attempt,
    signal,
  };
  try {
    return await encodeChunk({ ...encodeDeps(ffmpeg, folders), ...deps }, { ...usual, ...request });
  } finally {
    expect(await readdir(folders.tempDir)).toEqual([]);
  }
}

const failure = (attempted: Promise<unknown>): Promise<AppError> =>
  attempted.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as AppError,
  );

const framesOf = (result: ChunkResult): number =>
  result.tracks[0]!.segments.reduce((sum, { ticks }) => sum + ticks / 3000, 0);

describe('a source that fails while it is read', () => {
  it.each<[string, Fault]>([
    [
      'the connection closes in the middle of every answer, at first',
      (index) => (index < 6 ? { closeAfterBytes: 100_000 } : undefined),
    ],
    ['the server is overloaded once', (index) => (index === 0 ? { status: 503 } : undefined)],
    [
      'the server is overloaded when asked for the middle',
      (index) => (index === 1 ? { status: 500 } : undefined),
    ],
  ])('is read to its end although %s', async (_, fault) => {
    const url = server.urlOf(source, fault);
    expect(framesOf(await encode(url))).toBe(60);
    expect(server.requestsTo(url)).toBeGreaterThan(1);
  });

  it('is reported when the server no longer allows it', async () => {
    const error = await failure(
      encode(server.urlOf(source, (index) => (index > 0 ? { status: 403 } : undefined))),
    );
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
  });

  it('never puts its address into an error', async () => {
    const error = await failure(encode(`${server.urlOf(source, () => ({ status: 403 }))}?sig=secret`));
    expect(String((error.cause as Error).message)).not.toContain('secret');
  });
});

describe('a damaged source', () => {
  it('is reported with what is missing, never taken for a shorter film', async () => {
    const cut = path.join(folder.path, 'cut.mp4');
    const whole = await readFile(source);
    await writeFile(cut, whole.subarray(0, Math.floor(whole.length * 0.5)));
    const error = await failure(encode(server.urlOf(cut)));
    expect(error.code).toBe('MEDIA_TRUNCATED');
    expect(error.details).toMatchObject({
      chunkIndex: 2,
      missing: [
        { track: 'v216', expected: 60 },
        { track: 'a0', expected: 94 },
      ],
    });
  });
});

describe('a chunk that is given up', () => {
  it('ends at once when it is aborted, though FFmpeg waits for a server that does not answer', async () => {
    const controller = new AbortController();
    const stop = new Error('stop');
    const url = server.urlOf(source, () => {
      controller.abort(stop);
      return 'hang';
    });
    expect(await failure(encode(url, { signal: controller.signal }))).toBe(stop);
  });

  it('fails with the error of the upload, not with what FFmpeg says when it is stopped', async () => {
    const full = new Error('the store is full');
    expect(await failure(encode(server.urlOf(source), {}, { upload: () => Promise.reject(full) }))).toBe(
      full,
    );
  });

  it('ends when its time is up', async () => {
    const error = await failure(encode(server.urlOf(source), {}, { wallClockMs: 1 }));
    expect(error.code).toBe('PROCESSING_TIMEOUT');
  });
});
