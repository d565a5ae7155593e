import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Video } from '../../schema/video.js';
import type { Platform } from '../support/platform-fixture.js';
import { storedFiles, unreferencedFiles } from '../support/platform-jobs.js';

type Storage = Pick<Platform, 'db' | 'hls' | 'uploads'>;

/**
 * Stored files that nobody can play or will ever use: of these videos, what a READY one's playlists do not
 * name and all of the others; and whatever belongs to no video at all.
 */
export async function orphanedBlobs(platform: Storage, videos: readonly Video[]): Promise<string[]> {
  const orphans = await Promise.all(
    videos.map(({ _id, status }) =>
      status === 'READY' ? unreferencedFiles(platform, _id) : storedFiles(platform, _id),
    ),
  );
  return [...orphans.flat(), ...(await strayBlobs(platform))];
}

async function strayBlobs({ db, hls, uploads }: Storage): Promise<string[]> {
  const names: string[] = [];
  for (const container of [hls, uploads]) {
    for await (const { name } of container.list('')) names.push(name);
  }
  const known = new Set((await db.model(Video).find({}, { _id: 1 }).lean()).map(({ _id }) => _id));
  return names.filter((name) => !known.has(name.split('/')[0] ?? ''));
}

/** Temporary files below a DATA_DIR, once no processor runs there any more. */
export async function temporaryFiles(dataDir: string): Promise<string[]> {
  const tmp = path.join(dataDir, 'tmp');
  return (await readdir(tmp, { recursive: true }).catch(() => [])).map((name) => path.join(tmp, name));
}
