import { audioProfile } from '../../schema/ladder.js';
import type { PlannedVideoTrack, TranscodePlan } from '../../schema/transcode-plan.js';
import type { Rendition } from '../../schema/video.js';
import { toNumber } from '../plan/rational.js';
import { trackLabel } from '../../platform/track-label.js';
import { measuredBandwidth } from './bandwidth.js';
import { leadChunks, type PublishedPrefix } from './published-prefix.js';

/**
 * What can be chosen from right now, as clients of the API see it: the renditions that the master
 * playlist lists, tallest first, then the sound. Bandwidths are those measured so far.
 */
export function describeRenditions(plan: TranscodePlan, prefix: PublishedPrefix): Rendition[] {
  const playable = leadChunks(plan, prefix);
  const measured = (name: string) => {
    const { peakBps, averageBps } = measuredBandwidth(plan, prefix.get(name) ?? []);
    return { bandwidthBps: peakBps, averageBandwidthBps: averageBps };
  };
  const picture = ({ name, encodedWidth, encodedHeight }: PlannedVideoTrack): Rendition => ({
    name: trackLabel(name),
    width: encodedWidth,
    height: encodedHeight,
    frameRate: Math.round(toNumber(plan.frameRate) * 1000) / 1000,
    codecs: prefix.get(name)?.[0]?.track.codecs ?? '',
    ...measured(name),
  });
  return [
    ...plan.videoTracks.filter(({ name }) => (prefix.get(name)?.length ?? 0) >= playable).map(picture),
    ...plan.audioTracks.map(({ name }) => ({
      name: trackLabel(name),
      codecs: audioProfile.codecs,
      ...measured(name),
    })),
  ];
}
