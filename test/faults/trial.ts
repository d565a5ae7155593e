import { retryUntil } from '../../local/retry-until.js';
import { isTerminal } from '../../schema/enums.js';
import { Job, JobState } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import type { Platform } from '../support/platform-fixture.js';
import type { Service, Settings } from '../support/platform-service.js';
import { audit } from './audit.js';
import type { FaultFilm } from './fault-films.js';
import { addToTable, type FaultReport } from './fault-report.js';
import { mediaProcesses } from './processes.js';
import { scale } from './scale.js';

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
  /** Resolves when this share of the jobs of whole films is DONE. */
  untilDone(share: number): Promise<void>;
  /** Waits until every video has ended, and nothing changes any more; ends the processors. */
  finish(): Promise<FaultReport>;
}

/** Claims that are not renewed run out soon. */
const processorSettings = { CONSUMERS_MAX: '2', LEASE_SECONDS: '2', MAX_ATTEMPTS: '8' };

export async function beginTrial(
  platform: Platform,
  options: { fault: string; processors?: number; settings?: Settings },
): Promise<Trial> {
  const { fault, processors: count = 2, settings = {} } = options;
  const startedAt = performance.now();
  const films = new Map<string, FaultFilm>();
  const crew = createCrew(platform, { settings, marks: () => [platform.dataDir, ...films.keys()] });
  const giveUp = AbortSignal.timeout(scale.giveUpMs);
  const retry = <T>(look: () => Promise<T>) => retryUntil(look, { signal: giveUp, everyMs: 100 });

  const untilEnded = (): Promise<Video[]> =>
    retry(async () => {
      const videos = await platform.db
        .model(Video)
        .find({ _id: { $in: [...films.keys()] } })
        .lean();
      const ended = videos.filter(({ status }) => isTerminal(status));
      if (ended.length === films.size) return ended;
      throw new Error(`${fault}: ${ended.length} of ${films.size} videos have ended`);
    });

  await Promise.all(Array.from({ length: count }, () => crew.start()));
  return {
    get processors() {
      return [...crew.running];
    },
    get videoIds() {
      return [...films.keys()];
    },
    startProcessor: () => crew.start(),

    async kill(processor) {
      await crew.kill(processor);
      await retry(async () => {
        const left = await crew.strays();
        if (left > 0) throw new Error(`${fault}: ${left} programs have outlived their processor`);
      });
    },

    async upload(some) {
      const send = async (film: FaultFilm): Promise<string> => {
        const videoId = await platform.client.upload(film.file);
        films.set(videoId, film);
        return videoId;
      };
      return Promise.all(some.map(send));
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
      const report = await audit({
        ...{ fault, platform, films, startedAt, videos: await untilEnded() },
        dataDir: settings.DATA_DIR ?? platform.dataDir,
        endProcessors: () => crew.end(),
        strays: () => crew.strays(),
      });
      await addToTable(report);
      return report;
    },

    [Symbol.asyncDispose]: () => crew.end(),
  };
}

/** The processors of a trial. */
interface Crew {
  readonly running: ReadonlySet<Service>;
  start(): Promise<Service>;
  kill(processor: Service): Promise<void>;
  /** Counts programs of this platform that no running processor has started. */
  strays(): Promise<number>;
  /** Asks all to end, those that are just starting too; resolves when they have. */
  end(): Promise<void>;
}

function createCrew(
  platform: Platform,
  { settings, marks }: { settings: Settings; marks: () => string[] },
): Crew {
  const running = new Set<Service>();
  const starting = new Set<Promise<Service>>();
  return {
    running,
    async start() {
      const start = platform.startProcessor({ ...processorSettings, ...settings });
      starting.add(start);
      const processor = await start.finally(() => starting.delete(start));
      running.add(processor);
      return processor;
    },
    async kill(processor) {
      processor.signal('SIGKILL');
      await processor.ended;
      running.delete(processor);
    },
    async strays() {
      const parents = new Set([...running].map(({ pid }) => pid));
      const programs = await mediaProcesses(marks());
      return programs.filter(({ parentPid }) => !parents.has(parentPid)).length;
    },
    async end() {
      await Promise.allSettled(starting);
      await Promise.all([...running].map((processor) => processor.stop()));
      running.clear();
    },
  };
}
