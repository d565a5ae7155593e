import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BlobContainer } from '../../platform/blob.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import type { Ffmpeg } from '../transcode/ffmpeg.js';
import { readJpeg } from '../transcode/read-jpeg.js';
import { posterCommand } from './poster-args.js';
import type { PublishedPrefix } from './published-prefix.js';

/** A poster is one short decode: anything longer is stuck. */
const WALL_CLOCK_MS = 60_000;

/** How far into the film the poster is looked for: past titles, before it gives anything away. */
const POSITION = 0.1;

/**
 * A poster of a finished film, JPEG, from its own tallest rendition, where rotation, pixel shape and
 * colours are right already; undefined for sound alone.
 */
export async function makePoster(
  deps: { hls: BlobContainer; ffmpeg: Pick<Ffmpeg, 'run'>; workFolder: string },
  film: { prefix: string; plan: TranscodePlan; published: PublishedPrefix; signal: AbortSignal },
): Promise<Buffer | undefined> {
  const files = posterSource(film.plan, film.published);
  if (!files) return undefined;
  const parts = await Promise.all(
    files.map(async (file) => {
      const body = await deps.hls.get(film.prefix + file, film.signal);
      if (!body) throw new AppError('INTERNAL', { message: `${file} is missing` });
      return body;
    }),
  );
  const dir = await mkdtemp(path.join(deps.workFolder, 'poster-'));
  try {
    const source = path.join(dir, 'segment.mp4');
    const target = path.join(dir, 'poster.jpg');
    await writeFile(source, Buffer.concat(parts));
    await deps.ffmpeg.run(posterCommand({ source, target }), {
      signal: film.signal,
      wallClockMs: WALL_CLOCK_MS,
      stallMs: WALL_CLOCK_MS,
    });
    return await readJpeg(target);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The init segment and one media segment of the tallest rendition. */
function posterSource(plan: TranscodePlan, published: PublishedPrefix): string[] | undefined {
  const track = plan.videoTracks[0];
  const chunks = (track && published.get(track.name)) ?? [];
  const opener = chunks[0];
  if (!track || !opener) return undefined;
  const frame = Math.floor(plan.frameCount * POSITION);
  const within = chunks.find(({ chunk }) => frame < chunk.endFrame) ?? opener;
  const segment = Math.floor(Math.max(frame, within.chunk.startFrame) / plan.segmentFrames);
  return [hlsFiles.init(track.name, opener.attempt), hlsFiles.segment(track.name, segment, within.attempt)];
}
