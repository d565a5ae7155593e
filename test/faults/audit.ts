import { retryUntil } from '../../local/retry-until.js';
import { Job } from '../../schema/job.js';
import type { Video } from '../../schema/video.js';
import type { Platform } from '../support/platform-fixture.js';
import type { FaultFilm } from './fault-films.js';
import type { FaultReport } from './fault-report.js';
import { orphanedBlobs, temporaryFiles } from './left-over.js';
import { addTallies, tallyVideo, type Tally } from './tally.js';
import { filmProblems } from './whole-film.js';

/** What is left over has this long to go away once all videos have ended, milliseconds. */
const SETTLE_MS = 20_000;

interface Ended {
  fault: string;
  platform: Platform;
  /** By id of their video. */
  films: ReadonlyMap<string, FaultFilm>;
  videos: readonly Video[];
  startedAt: number;
  /** Where the processors kept their temporary files. */
  dataDir: string;
  endProcessors: () => Promise<void>;
  /** Counts programs that no processor has started. */
  strays: () => Promise<number>;
}

/** Counts what is there after all videos of a trial have ended, and ends its processors in between. */
export async function audit(ended: Ended): Promise<FaultReport> {
  const { fault, platform, videos, startedAt } = ended;
  const seconds = (performance.now() - startedAt) / 1_000;
  await checkWhole(ended);
  const blobs = await settled(fault, async () => (await orphanedBlobs(platform, videos)).length);
  const counts = await tally(ended);
  await ended.endProcessors();
  const processes = await settled(fault, ended.strays);
  const files = await temporaryFiles(ended.dataDir);
  if (files.length > 0) throw new Error(`${fault}: temporary files are left: ${files.join(', ')}`);
  return { fault, ...counts, orphanedBlobs: blobs, orphanedProcesses: processes, seconds };
}

/** Looks until nothing is left over; resolves to how much still was in the end. */
async function settled(fault: string, count: () => Promise<number>): Promise<number> {
  let left = 0;
  const look = async (): Promise<void> => {
    left = await count();
    if (left > 0) throw new Error(`${fault}: ${left} left over`);
  };
  await retryUntil(look, { signal: AbortSignal.timeout(SETTLE_MS), everyMs: 100 }).catch(() => undefined);
  return left;
}

async function tally({ platform, films, videos }: Ended): Promise<Tally> {
  const tallies = videos.map(async (video) => {
    const jobs = await platform.db.model(Job).find({ videoId: video._id }).lean();
    return tallyVideo(video, jobs, films.get(video._id)?.jobs ?? 0);
  });
  return addTallies(await Promise.all(tallies));
}

/** @throws Error where a READY film is not whole */
async function checkWhole({ fault, platform, films, videos }: Ended): Promise<void> {
  const ready = videos.filter(({ status }) => status === 'READY');
  const problems = await Promise.all(
    ready.map((video) => filmProblems(platform, video, films.get(video._id)?.seconds ?? 0)),
  );
  const found = problems.flat();
  if (found.length > 0) throw new Error(`${fault}: ${found.join('; ')}`);
}
