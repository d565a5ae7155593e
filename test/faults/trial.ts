import { retryUntil } from '../../local/retry-until.js';
import { terminalStatuses } from '../../schema/enums.js';
import { Job, JobState } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import type { Platform } from '../support/platform-fixture.js';
import type { Service, Settings } from '../support/platform-service.js';
import type { FaultFilm } from './fault-films.js';
import { addToTable, type FaultReport } from './fault-report.js';
import { orphanedBlobs, temporaryFiles } from './left-over.js';
import { mediaProcesses } from './processes.js';
import { scale } from './scale.js';
import { addTallies, tallyVideo } from './tally.js';
import { filmProblems } from './whole-film.js';

/** Films that are made by two processors while a fault strikes, and the account of it. */
export interface Trial extends AsyncDisposable {
  /** Those that run, or sleep. */
  readonly processors: readonly Service[];
  readonly videoIds: readonly string[];
  startProcessor(): Promise<Service>;
  /** Kills a processor as the system would; resolves when it and its programs are gone. */
  kill(processor: Service): Promise<void>;
  /** Sends films, at once. */
  upload(films: readonly FaultFilm[]): Promise<string[]>;
  /** Counts a video that came in some other way. */
  add(videoId: string, film: FaultFilm): void;
  /** Resolves when this share of the jobs of whole films is DONE. */
  untilDone(share: number): Promise<void>;
  /** Waits until every video has ended, and nothing changes any more; ends the processors. */
  finish(): Promise<FaultReport>;
}

/** What is left over has this long to go away once all videos have ended, milliseconds. */
const SETTLE_MS = 20_000;

/** Two slots each, on two processors; claims that are not renewed run out soon. */
const processorSettings = { CONSUMERS_MAX: '2', LEASE_SECONDS: '3', MAX_ATTEMPTS: '8' };

export async function beginTrial(
  platform: Platform,
  options: { fault: string; processors?: number; settings?: Settings },
): Promise<Trial> {
  const { fault, processors: count = 2, settings = {} } = options;
  const startedAt = performance.now();
  const films = new Map<string, FaultFilm>();
  const running = new Set<Service>();
  const starting = new Set<Promise<Service>>();
  const giveUp = AbortSignal.timeout(scale.giveUpMs);
  const retry = <T>(look: () => Promise<T>, signal = giveUp) => retryUntil(look, { signal, everyMs: 50 });

  async function startProcessor(): Promise<Service> {
    const start = platform.startProcessor({ ...processorSettings, ...settings });
    starting.add(start);
    const processor = await start.finally(() => starting.delete(start));
    running.add(processor);
    return processor;
  }

  /** Programs of this platform that no running processor has started. */
  async function strays(): Promise<number> {
    const parents = new Set([...running].map(({ pid }) => pid));
    const found = await mediaProcesses([platform.dataDir, ...films.keys()]);
    return found.filter(({ parentPid }) => !parents.has(parentPid)).length;
  }

  const videos = () =>
    platform.db
      .model(Video)
      .find({ _id: { $in: [...films.keys()] } })
      .select('+plan')
      .lean();

  async function untilEnded(): Promise<Video[]> {
    return retry(async () => {
      const found = await videos();
      const open = found.filter(({ status }) => !terminalStatuses.includes(status));
      if (found.length === films.size && open.length === 0) return found;
      throw new Error(`${fault}: ${found.length - open.length} of ${films.size} videos have ended`);
    });
  }

  /** Looks until nothing is left over; resolves to what still was at the end. */
  async function settled(look: () => Promise<readonly unknown[] | number>): Promise<number> {
    let left = 0;
    const none = async (): Promise<void> => {
      const found = await look();
      left = typeof found === 'number' ? found : found.length;
      if (left > 0) throw new Error(JSON.stringify(found));
    };
    await retry(none, AbortSignal.timeout(SETTLE_MS)).catch((error: unknown) => {
      console.error(`${fault}: left over: ${String(error)}`);
    });
    return left;
  }

  async function tally(ended: readonly Video[]) {
    const tallies = ended.map(async (video) => {
      const jobs = await platform.db.model(Job).find({ videoId: video._id }).lean();
      return tallyVideo(video, jobs, films.get(video._id)?.jobs ?? 0);
    });
    return addTallies(await Promise.all(tallies));
  }

  async function checkWhole(ended: readonly Video[]): Promise<void> {
    const ready = ended.filter(({ status }) => status === 'READY');
    const problems = ready.map((video) => filmProblems(platform, video, films.get(video._id)?.seconds ?? 0));
    const found = (await Promise.all(problems)).flat();
    if (found.length > 0) throw new Error(`${fault}: ${found.join('; ')}`);
  }

  const endProcessors = async (): Promise<void> => {
    await Promise.allSettled(starting);
    await Promise.all([...running].map((processor) => processor.stop()));
    running.clear();
  };

  await Promise.all(Array.from({ length: count }, startProcessor));
  return {
    get processors() {
      return [...running];
    },
    get videoIds() {
      return [...films.keys()];
    },
    startProcessor,
    add: (videoId, film) => void films.set(videoId, film),

    async kill(processor) {
      processor.signal('SIGKILL');
      await processor.ended;
      running.delete(processor);
      await retry(async () => {
        const left = await strays();
        if (left > 0) throw new Error(`${left} programs have outlived their processor`);
      });
    },

    async upload(some) {
      return Promise.all(
        some.map(async (film) => {
          const videoId = await platform.client.upload(film.file);
          films.set(videoId, film);
          return videoId;
        }),
      );
    },

    async untilDone(share) {
      const wanted = share * [...films.values()].reduce((sum, { jobs }) => sum + jobs, 0);
      await retry(async () => {
        const filter = { videoId: { $in: [...films.keys()] }, state: JobState.DONE };
        const done = await platform.db.model(Job).countDocuments(filter);
        if (done < wanted) throw new Error(`${fault}: ${done} of ${wanted} jobs are done`);
      });
    },

    async finish() {
      const ended = await untilEnded();
      const seconds = (performance.now() - startedAt) / 1_000;
      await checkWhole(ended);
      const blobs = await settled(() => orphanedBlobs(platform, ended));
      const counts = await tally(ended);
      await endProcessors();
      const processes = await settled(strays);
      const report = { fault, ...counts, orphanedBlobs: blobs, orphanedProcesses: processes, seconds };
      const files = await temporaryFiles(settings.DATA_DIR ?? platform.dataDir);
      if (files.length > 0) throw new Error(`${fault}: temporary files are left: ${files.join(', ')}`);
      await addToTable(report);
      return report;
    },

    [Symbol.asyncDispose]: endProcessors,
  };
}
