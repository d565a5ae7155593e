/** `full`: as `npm run test:faults` runs it. */
const isFull = process.env.STREAM_PLUS_FAULTS === 'full';

interface Scale {
  films: number;
  /** Chunks of a film, two at least. */
  chunks: number;
  /** How often the same fault strikes. */
  strikes: number;
  /** Videos that are stopped while they become ready. */
  races: number;
  /** The work of one fault takes no longer, milliseconds. */
  giveUpMs: number;
}

const full: Scale = { films: 10, chunks: 28, strikes: 3, races: 200, giveUpMs: 240_000 };
const short: Scale = { films: 2, chunks: 6, strikes: 1, races: 12, giveUpMs: 120_000 };

/** How much work each fault gets; the only place that knows which form of the suite runs. */
export const scale = isFull ? full : short;

/** For the test around the work: what is left over is looked at too. */
export const TEST_TIMEOUT_MS = scale.giveUpMs + 60_000;

export const FRAMES_PER_SECOND = 25;

/** Segments of a second, two to a chunk except the first two chunks, which begin a film with one each. */
export const mediaSettings = { SEGMENT_SECONDS: '1', CHUNK_SECONDS: '2' };

/** Length of a film with this many chunks, seconds. */
export const secondsFor = (chunks: number): number => (chunks < 3 ? chunks : 2 * chunks - 2);
