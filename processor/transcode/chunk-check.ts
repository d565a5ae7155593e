import type { PlannedChunk, TranscodePlan } from '../../schema/transcode-plan.js';
import { audioProfile } from '../../schema/ladder.js';
import { firstPacket, PACKET_SAMPLES, segmentCount, segmentOf, targetDuration } from '../plan/grid.js';
import type { InitInfo, SegmentInfo } from './fragment.js';

/** One track of a chunk as FFmpeg left it, before anybody trusts it. */
export interface MadeTrack {
  name: string;
  init?: InitInfo;
  /** By segment number. */
  segments: ReadonlyMap<number, SegmentInfo>;
}

/** What a chunk lacks or has too much of. */
export interface ChunkDifference {
  track: string;
  /** Frames or packets the plan asks for, and how many there are. */
  expected: number;
  found: number;
  /** First thing that is wrong, for the log. */
  problem: string;
}

/** What the segments of a track have to be: counted in samples of `sampleTicks`. */
interface Expectation {
  timescale: number;
  sampleTicks: number;
  /** Number of the first sample, and the one after the last. */
  first: number;
  end: number;
  /** Samples before the start of segment `number`, if that can be told beforehand. */
  startOf(number: number): number | undefined;
}

function videoExpectation(plan: TranscodePlan, chunk: PlannedChunk): Expectation {
  return {
    timescale: plan.timescale,
    sampleTicks: (plan.timescale * plan.frameRate.den) / plan.frameRate.num,
    first: chunk.startFrame,
    end: chunk.endFrame,
    startOf: (number) => number * plan.segmentFrames,
  };
}

/** FFmpeg cuts sound at the first packet after each boundary: inside a chunk the formula may be one off. */
function audioExpectation(plan: TranscodePlan, chunk: PlannedChunk): Expectation {
  return {
    timescale: audioProfile.sampleRate,
    sampleTicks: PACKET_SAMPLES,
    first: firstPacket(chunk.startFrame, plan.frameRate),
    end: firstPacket(chunk.endFrame, plan.frameRate),
    startOf: () => undefined,
  };
}

function segmentProblem(segment: SegmentInfo, next: number, expected: Expectation): string | undefined {
  const { sampleTicks } = expected;
  if (segment.fragments !== 1) return `${segment.fragments} fragments`;
  if (!segment.startsWithSync) return 'does not start with a sync sample';
  if (segment.tfdt !== next * sampleTicks) return `starts at ${segment.tfdt}, not ${next * sampleTicks}`;
  if (segment.minPts !== segment.tfdt) return `is first shown at ${segment.minPts}, not ${segment.tfdt}`;
  if (segment.sampleTicks !== sampleTicks) return `samples last ${segment.sampleTicks}, not ${sampleTicks}`;
  return undefined;
}

function initProblem(init: InitInfo | undefined, plan: TranscodePlan, name: string): string | undefined {
  if (!init) return 'no init segment';
  if (init.hasEditList) return 'the init segment has an edit list';
  const track = plan.videoTracks.find((planned) => planned.name === name);
  const timescale = track ? plan.timescale : audioProfile.sampleRate;
  if (init.timescale !== timescale) return `timescale ${init.timescale}, not ${timescale}`;
  const sized = !track || (init.width === track.encodedWidth && init.height === track.encodedHeight);
  return sized ? undefined : `size ${init.width}x${init.height}`;
}

/** Walks the segments in order: they have to follow each other without a gap, from the first to the end. */
function segmentsProblem(
  made: MadeTrack,
  numbers: readonly number[],
  expected: Expectation,
  targetSeconds: number,
): string | undefined {
  let next = expected.first;
  for (const number of numbers) {
    const segment = made.segments.get(number);
    // A last sound segment shorter than a packet does not exist.
    if (!segment) return next === expected.end ? undefined : `segment ${number} is missing`;
    const start = expected.startOf(number);
    const misplaced =
      start !== undefined && start !== next ? `starts with sample ${next}, not ${start}` : undefined;
    const problem = misplaced ?? segmentProblem(segment, next, expected);
    if (problem) return `segment ${number} ${problem}`;
    if (Math.round(segment.ticks / expected.timescale) > targetSeconds)
      return `segment ${number} is too long`;
    next += segment.samples;
  }
  return next === expected.end ? undefined : `ends with sample ${next}, not ${expected.end}`;
}

/**
 * Compares what FFmpeg made with what was planned; an empty list means that the chunk is whole. FFmpeg
 * ends with code 0 when its input broke off, so nothing counts before this has seen it. Pure.
 */
export function checkChunk(
  plan: TranscodePlan,
  chunk: PlannedChunk,
  made: readonly MadeTrack[],
): ChunkDifference[] {
  const firstNumber = segmentOf(chunk.startFrame, plan);
  const numbers = Array.from({ length: segmentCount(chunk, plan) }, (_, index) => firstNumber + index);
  return made.flatMap((track) => {
    const isVideo = plan.videoTracks.some(({ name }) => name === track.name);
    const expected = isVideo ? videoExpectation(plan, chunk) : audioExpectation(plan, chunk);
    const extra = [...track.segments.keys()].find((number) => !numbers.includes(number));
    const problem =
      initProblem(track.init, plan, track.name) ??
      (extra === undefined ? undefined : `segment ${extra} is not of this chunk`) ??
      segmentsProblem(track, numbers, expected, targetDuration(plan));
    if (problem === undefined) return [];
    const found = [...track.segments.values()].reduce((sum, { samples }) => sum + samples, 0);
    return [{ track: track.name, expected: expected.end - expected.first, found, problem }];
  });
}
