import type { TranscodePlan } from '../../schema/transcode-plan.js';
import type { PublishedPrefix } from './published-prefix.js';

/**
 * Whether it is known that no picture of a whole film carries closed captions: those who noted where key frames end
 * have also looked for them.
 */
export const hasNoClosedCaptions = (plan: TranscodePlan, prefix: PublishedPrefix): boolean =>
  plan.videoTracks
    .flatMap(({ name }) => prefix.get(name) ?? [])
    .flatMap(({ track }) => track.segments)
    .every(({ keyFrameEnd, closedCaptions }) => keyFrameEnd !== undefined && !closedCaptions);
