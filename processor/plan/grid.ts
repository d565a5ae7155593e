/**
 * The output's clock: frames of a constant rate, AAC packets of 1024 samples at 48 kHz, and where the
 * packets are cut so that chunks made apart join without a gap.
 */
import { audioProfile } from '../../schema/ladder.js';
import type { Rational, TranscodePlan } from '../../schema/transcode-plan.js';
import { add, ceil, divide, floor, multiply, rational, round } from './rational.js';

/** Samples of an AAC-LC packet (ISO/IEC 14496-3). */
export const PACKET_SAMPLES = 1024;

const packetSeconds = rational(PACKET_SAMPLES, audioProfile.sampleRate);

/** Frames of a full segment of about `seconds`. */
export function segmentFrames(frameRate: Rational, seconds: number): number {
  const frames = multiply(frameRate, rational(Math.round(seconds * 1000), 1000));
  return Math.max(1, frameRate.den === 1 ? ceil(frames) : round(frames));
}

/** Ticks a second in which every frame of this rate lasts a whole number of ticks. */
export const timescaleOf = (frameRate: Rational): number => (frameRate.den === 1 ? 90_000 : frameRate.num);

/** Time at which frame `frame` is shown, seconds. */
export const frameTime = (frame: number, frameRate: Rational): Rational => divide(rational(frame), frameRate);

/** First audio packet that starts at or after frame `frame`: the audio of frames [a, b) is [f(a), f(b)). */
export const firstPacket = (frame: number, frameRate: Rational): number =>
  ceil(divide(frameTime(frame, frameRate), packetSeconds));

/** Number of the segment that starts with frame `frame`. */
export const segmentOf = (frame: number, plan: Pick<TranscodePlan, 'segmentFrames'>): number =>
  Math.floor(frame / plan.segmentFrames);

/** EXT-X-TARGETDURATION (RFC 8216 section 4.3.3.1): audio may run over a segment by one packet. */
export const targetDuration = (plan: Pick<TranscodePlan, 'segmentFrames' | 'frameRate'>): number =>
  floor(add(add(frameTime(plan.segmentFrames, plan.frameRate), packetSeconds), rational(1, 2)));

/** Duration of the film, seconds. */
export const filmSeconds = (plan: Pick<TranscodePlan, 'frameCount' | 'frameRate'>): Rational =>
  frameTime(plan.frameCount, plan.frameRate);

/** How many segments a chunk has: whole ones, and perhaps a shorter last one. */
export const segmentCount = (
  chunk: { startFrame: number; endFrame: number },
  plan: Pick<TranscodePlan, 'segmentFrames'>,
): number => Math.ceil((chunk.endFrame - chunk.startFrame) / plan.segmentFrames);
