import { z } from 'zod';
import { adminStats } from './admin-stats.js';
import { restRoute } from './rest-route.js';
import { videoParams, videoStatus } from './wire-types.js';

const admin = { on: ['gateway'], tag: 'Administration', access: 'admin' } as const;

export const adminStatsRoute = restRoute({
  ...admin,
  methods: ['GET'],
  path: '/admin/stats',
  summary: 'The installation as it is now',
  description: 'What the GraphQL query `adminStats` answers.',
  answer: { status: 200, description: 'Across all processes.', body: adminStats },
});

export const stopVideoRoute = restRoute({
  ...admin,
  methods: ['POST'],
  path: '/admin/video/:videoID/stop',
  summary: 'Stop a video',
  description: 'Ends all work on a video, from any stage; what was published of it goes.',
  params: videoParams,
  body: {
    json: z
      .object({
        reason: z
          .string()
          .min(1)
          .max(255)
          .nullish()
          .meta({ description: 'For the audit log and the video.' }),
      })
      .nullish(),
    isOptional: true,
  },
  answer: {
    status: 202,
    description: 'Nothing new begins; what runs ends within seconds.',
    body: z.object({ videoId: z.string(), status: videoStatus }),
  },
  errors: ['NOT_FOUND', 'CONFLICT'],
});
