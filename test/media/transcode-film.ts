import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { planTasks, type EncodingPower } from '../../processor/plan/chunk-policy.js';
import { makePlan } from '../../processor/plan/make-plan.js';
import { probeSource, type SourceProbe } from '../../processor/plan/probe.js';
import {
  captionBandwidth,
  captionPlaylist,
  captionSegments,
} from '../../processor/publish/caption-segments.js';
import { iframePlaylist } from '../../processor/publish/iframe-playlist.js';
import { masterPlaylist } from '../../processor/publish/master-playlist.js';
import { mediaPlaylist } from '../../processor/publish/media-playlist.js';
import { publishedPrefix } from '../../processor/publish/published-prefix.js';
import { storyboardVtt } from '../../processor/publish/storyboard-vtt.js';
import { encodeChunk } from '../../processor/transcode/encode-chunk.js';
import { createFfmpeg, type Ffmpeg } from '../../processor/transcode/ffmpeg.js';
import type { Cue } from '../../platform/captions/web-vtt.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { CaptionTrack } from '../../schema/captions.js';
import { newId } from '../../schema/ids.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';

export const limits = { maxPixels: 4096 * 4096, maxStreams: 32, maxDurationSeconds: 36_000 };
const runLimits = { wallClockMs: 60_000, stallMs: 30_000 };

export const testFfmpeg = (): Ffmpeg =>
  createFfmpeg({
    ...{ ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe', niceness: 0, limits },
    maxMemoryBytes: 2 * 1024 ** 3,
  });

/** Fast enough that only the opener is split. */
const power: EncodingPower = { pixelsPerSecond: 80e6, slots: 1 };

export interface Film {
  probe: SourceProbe;
  plan: TranscodePlan;
  results: ChunkResult[];
  /** Folder with the finished HLS tree. */
  dir: string;
}

/** Probes and plans a source, with segments of one second and chunks of two unless said otherwise. */
export async function planFilm(
  ffmpeg: Ffmpeg,
  source: string,
  lengths = { segmentSeconds: 1, chunkSeconds: 2 },
): Promise<{ probe: SourceProbe; plan: TranscodePlan }> {
  const signal = new AbortController().signal;
  const probe = await probeSource({ ffmpeg }, source, { ...runLimits, signal });
  return { probe, plan: makePlan(probe, { ...lengths, limits }) };
}

export interface EncodeFolders {
  /** Where the chunks' temporary directories are. */
  tempDir: string;
  /** Where uploads land. */
  dir: string;
}

export interface TestFolder {
  path: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A temporary folder that goes when the test is over, however it ends. */
export async function openTestFolder(): Promise<TestFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-film-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

export async function makeFolders(plan: TranscodePlan, root: string): Promise<EncodeFolders> {
  const folders = { tempDir: path.join(root, 'tmp'), dir: path.join(root, 'hls') };
  const tracks = [...plan.videoTracks, ...plan.audioTracks].map(({ name }) => name);
  for (const name of ['sprites', ...tracks]) await mkdir(path.join(folders.dir, name), { recursive: true });
  await mkdir(folders.tempDir);
  return folders;
}

/** The dependencies of `encodeChunk` with a folder for a blob store. */
export const encodeDeps = (
  ffmpeg: Ffmpeg,
  { tempDir, dir }: EncodeFolders,
): Parameters<typeof encodeChunk>[0] => ({
  ...{ ffmpeg, tempDir, ...runLimits, log: { debug: () => undefined } },
  upload: (name, body) => writeFile(path.join(dir, name), body, { flag: 'wx' }),
});

/** Runs the tasks two at a time, the last first: no chunk may depend on the one before it. */
async function encodeBackwards(
  ffmpeg: Ffmpeg,
  plan: TranscodePlan,
  sourceUrl: string,
  folders: EncodeFolders,
): Promise<ChunkResult[]> {
  const waiting = planTasks(plan, power);
  const results: ChunkResult[] = [];
  const signal = new AbortController().signal;
  const work = async (): Promise<void> => {
    for (let task = waiting.pop(); task; task = waiting.pop()) {
      const chunk = plan.chunks[task.chunkIndex]!;
      results.push(
        await encodeChunk(encodeDeps(ffmpeg, folders), {
          ...task,
          plan,
          chunk,
          sourceUrl,
          attempt: 1 + (chunk.index % 3),
          signal,
        }),
      );
    }
  };
  await Promise.all([work(), work()]);
  return results;
}

/** From a source to a finished HLS tree below `root`, the way the services do it. */
export async function transcodeFilm(
  ffmpeg: Ffmpeg,
  source: string,
  { root, ...lengths }: { root: string; segmentSeconds: number; chunkSeconds: number },
): Promise<Film> {
  const { probe, plan } = await planFilm(ffmpeg, source, lengths);
  const folders = await makeFolders(plan, root);
  const results = await encodeBackwards(ffmpeg, plan, source, folders);
  const left = await readdir(folders.tempDir);
  if (left.length) throw new Error(`left behind: ${left.join(', ')}`);

  await publishFilm(plan, results, folders.dir);
  return { probe, plan, results, dir: folders.dir };
}

/** Captions of every kind, one of which crosses a border of their segments in a film of minutes. */
const captions: readonly CaptionTrack[] = (['SUBTITLES', 'CAPTIONS', 'FORCED'] as const).map(
  (kind, index) => ({
    ...{ id: newId('captions'), language: ['de', 'en', 'fr'][index] ?? '', label: kind, kind },
    ...{ isDefault: index === 0, revision: 1, addedAt: new Date(0) },
  }),
);
const cues: readonly Cue[] = [
  { startMs: 0, endMs: 2_000, settings: '', text: 'First' },
  { startMs: 59_000, endMs: 61_000, settings: '', text: 'Across' },
];

/** Writes the playlists of a film below `dir`, with captions, as FINISH does. */
async function publishFilm(plan: TranscodePlan, results: readonly ChunkResult[], dir: string): Promise<void> {
  const prefix = publishedPrefix(plan, results);
  const put = async (name: string, text: string | undefined): Promise<void> => {
    if (text === undefined) return;
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), text);
  };
  for (const [name, chunks] of prefix)
    await put(hlsFiles.media(name), mediaPlaylist({ plan, chunks, ended: true }));
  for (const { name } of plan.videoTracks)
    await put(hlsFiles.iframes(name), iframePlaylist(plan, prefix.get(name) ?? []));
  const parts = [...captionSegments(plan, cues)];
  for (const { id } of captions) {
    await put(hlsFiles.media(id), captionPlaylist(plan, id));
    for (const [part, text] of parts.entries()) await put(hlsFiles.captions(id, part), text);
  }
  const bandwidth = captionBandwidth(
    plan,
    parts.map((text) => Buffer.byteLength(text)),
  );
  const listed = { tracks: captions.slice(), bandwidth };
  const film = { videoId: newId('video'), plan, prefix, ended: true, captions: listed };
  await put(hlsFiles.master, masterPlaylist(film));
  await put(hlsFiles.storyboard, storyboardVtt(plan, results));
}
