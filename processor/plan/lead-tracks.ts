import { LEAD_MAX_HEIGHT } from '../../schema/ladder.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';

/** The tracks of a plan, in its order, video first. */
export const trackNames = (plan: TranscodePlan): string[] =>
  [...plan.videoTracks, ...plan.audioTracks].map(({ name }) => name);

/**
 * The tracks that start playback and keep ahead of the viewer: the low rungs and all sound; everything,
 * if no rung is low.
 */
export function leadTrackNames(plan: TranscodePlan): string[] {
  const low = plan.videoTracks.filter(({ height }) => height <= LEAD_MAX_HEIGHT);
  if (plan.videoTracks.length > 0 && low.length === 0) return trackNames(plan);
  return [...low, ...plan.audioTracks].map(({ name }) => name);
}
