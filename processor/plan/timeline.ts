import type { PlannedAudioTrack, PlannedVideoSource, Rational } from '../../schema/transcode-plan.js';
import { declaredFrameRate, measuredFrameRate } from './frame-rate.js';
import type { ProbedStream, SourceProbe } from './probe.js';
import {
  ceil,
  compare,
  divide,
  greatest,
  least,
  multiply,
  parseRational,
  rational,
  round,
} from './rational.js';
import { subtract } from './rational.js';
import { streamStart } from './read-source.js';

/** The grid a film is put on: see the fields of the same names of `TranscodePlan`. */
export interface Timeline {
  frameRate: Rational;
  origin: Rational;
  frameCount: number;
  holdLastFrame: boolean;
}

/** Grid for sound alone. */
const AUDIO_ONLY_RATE = rational(25);
/** Sound that starts no earlier than this before the picture is cut to it. */
const EARLY_SOUND = rational(1, 10);
/** Sound that ends no later than this after the picture is cut to it. */
const LATE_SOUND = rational(1);

/** The grid of a film with pictures: from its first frame to its last, further where sound goes further. */
export function videoTimeline(
  probe: SourceProbe,
  picture: { stream: ProbedStream; source: PlannedVideoSource },
  audio: readonly PlannedAudioTrack[],
): Timeline {
  const { stream, source } = picture;
  const average = parseRational(stream.avg_frame_rate);
  const frameRate =
    declaredFrameRate(parseRational(stream.r_frame_rate), average) ??
    measuredFrameRate(probe.frameTimes, average);
  const start = streamStart(stream);
  const soundStart = least(start, ...audio.map((track) => track.start));
  const soundEnd = greatest(source.end, ...audio.map((track) => track.end));
  const early = compare(subtract(start, soundStart), EARLY_SOUND) > 0;
  // The filter graph shifts pictures by whole ticks of their own clock.
  const wholeTicks = (time: Rational): Rational =>
    multiply(rational(round(divide(time, source.timeBase))), source.timeBase);
  const origin = early ? wholeTicks(soundStart) : start;
  const holdLastFrame = compare(subtract(soundEnd, source.end), LATE_SOUND) > 0;
  const length = subtract(holdLastFrame ? soundEnd : source.end, origin);
  return { frameRate, origin, holdLastFrame, frameCount: Math.max(1, round(multiply(length, frameRate))) };
}

/** The grid of sound alone, from where the first track starts to where the last one ends. */
export function audioTimeline(first: PlannedAudioTrack, rest: readonly PlannedAudioTrack[]): Timeline {
  const origin = least(first.start, ...rest.map((track) => track.start));
  const end = greatest(first.end, ...rest.map((track) => track.end));
  const frameCount = Math.max(1, ceil(multiply(subtract(end, origin), AUDIO_ONLY_RATE)));
  return { frameRate: AUDIO_ONLY_RATE, origin, frameCount, holdLastFrame: false };
}
