import type { AcceptedVideo } from '../../schema/rest/upload-routes.js';
import type { Video } from '../../schema/video.js';

/** As clients reach the two services. */
export interface LinkBases {
  publicGatewayUrl: string;
  publicStreamUrl: string;
}

/** What REST answers about a video that work has begun on. */
export function acceptedVideo(
  bases: LinkBases,
  video: Pick<Video, '_id' | 'projectId' | 'status'>,
): AcceptedVideo {
  const { _id: videoId, projectId, status } = video;
  const { publicGatewayUrl: gateway, publicStreamUrl: streamer } = bases;
  return {
    videoId,
    status,
    links: {
      self: `${streamer}/videos/${videoId}`,
      reprocess: `${gateway}/reprocess/${projectId}/${videoId}`,
      progress: `${gateway.replace(/^http/, 'ws')}/graphql`,
    },
  };
}
