import { isTerminal } from '../../schema/enums.js';
import { JobKind, JobState, type Job } from '../../schema/job.js';
import type { Video } from '../../schema/video.js';

/** What became of jobs: the figures that a fault must not change. */
export interface Tally {
  jobs: number;
  /** Ended as DONE by exactly one run, whose result is the one that counts. */
  doneOnce: number;
  /** Failed or cancelled together with their video. */
  givenUp: number;
  /** That are not there, or have come to no end. */
  lost: number;
  /** That are there twice, or were done twice. */
  duplicates: number;
}

const finalStates: readonly JobState[] = [JobState.DONE, JobState.FAILED, JobState.CANCELLED];

function isDoneOnce({ kind, state, attempt, runs, result }: Job): boolean {
  const ends = runs.filter(({ outcome }) => outcome === 'DONE');
  const counts = kind !== JobKind.CHUNK || result?.attempt === attempt;
  return state === JobState.DONE && ends.length === 1 && ends[0]?.attempt === attempt && counts;
}

/** @param expected how many jobs a video has that becomes READY */
export function tallyVideo(video: Pick<Video, 'status'>, jobs: readonly Job[], expected: number): Tally {
  const doneOnce = jobs.filter(isDoneOnce).length;
  const final = jobs.filter(({ state }) => finalStates.includes(state));
  const done = jobs.filter(({ state }) => state === JobState.DONE).length;
  const extra = video.status === 'READY' ? Math.max(0, jobs.length - expected) : 0;
  const wanted = isTerminal(video.status) && video.status !== 'READY' ? jobs.length : expected;
  const ended = video.status === 'READY' ? done : isTerminal(video.status) ? final.length : 0;
  return {
    jobs: wanted,
    doneOnce,
    givenUp: final.length - done,
    lost: Math.max(0, wanted - ended),
    duplicates: done - doneOnce + extra,
  };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = (key: keyof Tally): number => tallies.reduce((total, tally) => total + tally[key], 0);
  return {
    jobs: sum('jobs'),
    doneOnce: sum('doneOnce'),
    givenUp: sum('givenUp'),
    lost: sum('lost'),
    duplicates: sum('duplicates'),
  };
}
