import { parseCidr } from '../../platform/address-ranges.js';
import { type Audience, canonicalHost } from '../../platform/audience.js';
import { AppError } from '../../schema/errors.js';
import type { Video } from '../../schema/video.js';
import type { PlaybackViewerInput } from './video-inputs.js';

/**
 * For whom a playback of this video is to be; undefined where the caller restricts nothing.
 * @throws AppError BAD_USER_INPUT (field)
 */
export function audienceOf(
  { userId, ipPrefix, referrers, maxHeight, maxConcurrent }: PlaybackViewerInput,
  video: Pick<Video, 'renditions'>,
): Audience | undefined {
  if (maxConcurrent != null && userId == null)
    throw new AppError('BAD_USER_INPUT', {
      field: 'viewer.maxConcurrent',
      message: 'maxConcurrent needs userId: whose devices are they?',
    });
  const audience = {
    ...(userId != null && { userId }),
    ...(ipPrefix != null && { ipPrefix: requireNetwork(ipPrefix) }),
    ...(referrers != null && { referrers: referrers.map(requireHost) }),
    ...(maxConcurrent != null && { maxConcurrent }),
    ...(maxHeight != null && { maxHeight: Math.max(maxHeight, smallest(video)) }),
  };
  return Object.keys(audience).length === 0 ? undefined : audience;
}

/** Whatever a viewer may have, something has to be left to play. */
function smallest({ renditions }: Pick<Video, 'renditions'>): number {
  const heights = renditions.flatMap(({ width, height }) =>
    width && height ? [Math.min(width, height)] : [],
  );
  return heights.length > 0 ? Math.min(...heights) : 0;
}

function requireNetwork(text: string): string {
  if (parseCidr(text)) return text;
  throw new AppError('BAD_USER_INPUT', {
    field: 'viewer.ipPrefix',
    message: 'ipPrefix must be an address or a network: 192.0.2.0/24.',
  });
}

function requireHost(text: string): string {
  const host = canonicalHost(text);
  if (host !== undefined) return host;
  throw new AppError('BAD_USER_INPUT', {
    field: 'viewer.referrers',
    message: 'referrers must be hosts: www.example.com or *.example.com.',
  });
}
