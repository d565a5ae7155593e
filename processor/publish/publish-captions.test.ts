import { describe, expect, it } from '@jest/globals';
import type { BlobContainer } from '../../platform/blob.js';
import type { Database } from '../../platform/mongo.js';
import { captionsKey, generationPrefix } from '../../schema/blob-paths.js';
import type { CaptionSet, CaptionTrack } from '../../schema/captions.js';
import { newId } from '../../schema/ids.js';
import type { Job } from '../../schema/job.js';
import { quietLog } from '../../test/support/test-database.js';
import { planFixture, resultFixture } from '../../test/media/probe-fixture.js';
import type { JobContext } from '../pool/run-job.js';
import { createCaptionFiles, noPublishedCaptions } from './caption-files.js';
import type { CaptionsState } from './captions-state.js';
import { createPlaylistStore } from './playlist-store.js';
import { createPublishCaptions } from './publish-captions.js';
import { createPlaylistPublisher } from './publish-playlists.js';

const plan = planFixture();
const results = { done: () => Promise.resolve(plan.chunks.map(({ index }) => resultFixture(plan, index))) };
const job = { _id: 'job_1', attempt: 1, videoId: 'video_1', generation: 1 } as Job;
const prefix = generationPrefix('video_1', 1);

/** A container in memory that keeps its conditions, and counts what is written to each blob. */
function memoryBlobs(contents: Record<string, string> = {}) {
  const blobs = new Map<string, { text: string; metadata: Record<string, string>; writes: number }>(
    Object.entries(contents).map(([name, text]) => [name, { text, metadata: {}, writes: 1 }]),
  );
  const container = {
    get: (name: string) => Promise.resolve(blobs.has(name) ? Buffer.from(blobs.get(name)!.text) : undefined),
    properties(name: string) {
      const found = blobs.get(name);
      return Promise.resolve(found && { bytes: 1, etag: String(found.writes), metadata: found.metadata });
    },
    put(name: string, body: Buffer, { ifMatch, metadata = {} }: Parameters<BlobContainer['put']>[2]) {
      const writes = blobs.get(name)?.writes ?? 0;
      if (ifMatch !== undefined && ifMatch !== (writes === 0 ? null : String(writes)))
        return Promise.resolve(false);
      blobs.set(name, { text: body.toString(), metadata, writes: writes + 1 });
      return Promise.resolve(true);
    },
  } as unknown as BlobContainer;
  return { blobs, container };
}

function track(revision: number): CaptionTrack {
  const own = { id: newId('captions'), language: 'de', label: 'German', revision };
  return { ...own, kind: 'SUBTITLES', isDefault: false, addedAt: new Date() };
}

/** What publishes the captions of a film that has `set`, which may change at any time. */
function fixture(set: { captions: CaptionSet | undefined }) {
  const text = 'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n';
  const tracks = set.captions?.tracks ?? [];
  const uploads = memoryBlobs(Object.fromEntries(tracks.map(({ id }) => [captionsKey('video_1', id), text])));
  const hls = memoryBlobs();
  const completed: string[] = [];
  const published: number[] = [];
  const db = { transaction: (work: (session: unknown) => unknown) => work(undefined) } as unknown as Database;
  const state = {
    finishedFilm: () => Promise.resolve(set.captions && { plan, captions: set.captions }),
    published(_: unknown, revision: number) {
      if (set.captions?.revision !== revision) return Promise.resolve(false);
      published.push(revision);
      return Promise.resolve(true);
    },
  } as unknown as CaptionsState;
  const playlists = createPlaylistStore({ container: hls.container });
  const handler = createPublishCaptions({
    ...{ db, state, results },
    store: { complete: ({ _id }) => Promise.resolve(void completed.push(_id)) },
    files: createCaptionFiles({ uploads: uploads.container, hls: hls.container }),
    publisher: createPlaylistPublisher({
      results,
      playlists,
      tracker: { published: () => Promise.resolve() },
    }),
  });
  const context: JobContext = {
    signal: new AbortController().signal,
    report: () => undefined,
    log: quietLog,
  };
  return { run: () => handler(job, context), uploads, hls, completed, published, playlists, text };
}

describe('CAPTIONS', () => {
  it('publishes every track, the playlist that names it last, and nothing twice', async () => {
    const set = { captions: { revision: 2, tracks: [track(1), track(2)] } };
    const { run, hls, completed, published } = fixture(set);
    await run();
    const names = [...hls.blobs.keys()].map((name) => name.slice(prefix.length));
    const [first, second] = set.captions.tracks.map(({ id }) => id);
    expect(names).toEqual([
      ...[`${first}/s00000.vtt`, `${first}/media.m3u8`, `${second}/s00000.vtt`, `${second}/media.m3u8`],
      ...[...plan.videoTracks.map(({ name }) => `${name}/iframes.m3u8`), 'master.m3u8'],
    ]);
    expect(hls.blobs.get(`${prefix}${first}/s00000.vtt`)?.text).toContain('Hello');
    expect({ completed, published }).toEqual({ completed: ['job_1'], published: [2] });
    await run();
    expect(new Set([...hls.blobs.values()].map(({ writes }) => writes))).toEqual(new Set([1]));
  });

  it('counts captions into the bandwidth, also those that were published before', async () => {
    const captions = { revision: 1, tracks: [track(1)] };
    const { run, hls } = fixture({ captions });
    const peak = (): number =>
      Number(/:BANDWIDTH=(\d+)/.exec(hls.blobs.get(`${prefix}master.m3u8`)?.text ?? '')?.[1]);
    await run();
    const segment = hls.blobs.get(`${prefix}${captions.tracks[0]?.id}/s00000.vtt`)?.text ?? '';
    const wanted = 1_996_342 + Math.ceil((Buffer.byteLength(segment) * 8) / 60.06);
    expect(peak()).toBe(wanted);
    hls.blobs.delete(`${prefix}master.m3u8`);
    await run();
    expect(peak()).toBe(wanted);
  });

  it('keeps the I-frame playlists in the master, and writes those that an older release has not', async () => {
    const { run, hls } = fixture({ captions: { revision: 1, tracks: [track(1)] } });
    await run();
    const master = hls.blobs.get(`${prefix}master.m3u8`)?.text ?? '';
    const named = [...master.matchAll(/I-FRAME-STREAM-INF:.*URI="(.*)"/g)].map(([, uri = '']) => uri);
    expect(named).toHaveLength(plan.videoTracks.length);
    for (const uri of named) expect(hls.blobs.get(prefix + uri)?.text).toContain('#EXT-X-I-FRAMES-ONLY');
  });

  it('goes on with captions that were added meanwhile, and is not done before', async () => {
    const first = track(1);
    const second = track(2);
    const set = { captions: { revision: 1, tracks: [first] } };
    const { run, uploads, hls, completed, published, text } = fixture(set);
    const put = hls.container.put.bind(hls.container);
    hls.container.put = async (name, ...rest) => {
      const written = await put(name, ...rest);
      if (name.endsWith('master.m3u8') && set.captions.revision === 1) {
        uploads.blobs.set(captionsKey('video_1', second.id), { text, metadata: {}, writes: 1 });
        set.captions = { revision: 2, tracks: [first, second] };
      }
      return written;
    };
    await run();
    expect({ completed, published }).toEqual({ completed: ['job_1'], published: [2] });
    expect(hls.blobs.get(`${prefix}master.m3u8`)?.text).toContain(second.id);
  });

  it('never replaces a newer master: neither with older captions nor with a closed one without any', async () => {
    const newer = { revision: 3, tracks: [track(3)] };
    const set = { captions: newer as CaptionSet };
    const { run, hls, playlists } = fixture(set);
    await run();
    set.captions = { revision: 2, tracks: [] };
    await run();
    const publisher = createPlaylistPublisher({
      ...{ results, playlists },
      tracker: { published: () => Promise.resolve() },
    });
    await publisher.close(job, plan, await results.done(), noPublishedCaptions);
    expect(hls.blobs.get(`${prefix}master.m3u8`)?.text).toContain(newer.tracks[0]?.id);
  });

  it('ends without doing anything where the film is not READY any more', async () => {
    const { run, hls, completed } = fixture({ captions: undefined });
    await run();
    expect({ completed, files: hls.blobs.size }).toEqual({ completed: ['job_1'], files: 0 });
  });

  it('is tried again where captions are gone that the video still has', async () => {
    const set = { captions: { revision: 1, tracks: [track(1)] } };
    const { run, uploads, completed } = fixture(set);
    uploads.blobs.clear();
    await expect(run()).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(completed).toEqual([]);
  });
});
