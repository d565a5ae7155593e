import { z } from 'zod';
import { restRoute } from './rest-route.js';
import { count, text } from './wire-types.js';

/** Numbers of a session that lasts for a day at most. */
const milliseconds = z.int().min(0).max(86_400_000);
const times = count.max(100_000);

/** CTA-5004 allows 64 characters; what is shorter than this is no id. */
export const CMCD_SESSION_ID = /^[\w.:~+/=-]{8,64}$/;

const streamEvents = z
  .object({
    playback: z.string().min(1).max(4_096).meta({
      description: 'What is played: the playback URL, another URL that came from it, or the token of either.',
    }),
    sid: z
      .string()
      .regex(CMCD_SESSION_ID)
      .optional()
      .meta({
        description:
          'The id that the player has given the session, as in the CMCD of its requests. Without it a session is told ' +
          'apart by its playback URL, if that is of one, or by address and user agent.',
      }),
    msd: milliseconds.optional().meta({
      description: 'Media start delay: milliseconds from the wish to play to the first picture.',
    }),
    bsa: times.optional().meta({ description: 'Rebufferings since the session began.' }),
    bsda: milliseconds
      .optional()
      .meta({ description: 'Milliseconds of rebuffering since the session began.' }),
    playedMs: milliseconds
      .optional()
      .meta({ description: 'Milliseconds of playing since the session began.' }),
    switches: times.optional().meta({ description: 'Changes of the rendition since the session began.' }),
    ec: z
      .union([z.string().min(1).max(64), z.array(z.string().min(1).max(64)).max(16)])
      .optional()
      .meta({ description: 'Error code, as the application calls it; of several, the last.' }),
  })
  .meta({
    id: 'StreamEvents',
    description: 'How playback goes. Keys of two to four letters are those of CMCD (CTA-5004, version 2).',
  });
export type StreamEvents = z.output<typeof streamEvents>;

export const streamEventsRoute = restRoute({
  ...{ on: ['streamer'], methods: ['POST'], tag: 'Playback', access: 'public' },
  path: '/stream-events',
  summary: 'Tell how playback goes',
  description:
    'What a player says of a session goes into the stream log. All numbers are since the session began, so a report ' +
    'may come twice, late or not at all. Also as `text/plain`, which `navigator.sendBeacon` sends to other origins ' +
    'without asking first. A session that is not known begins. Whatever is wrong with what is played, the answer is ' +
    'the same 403.',
  body: { json: streamEvents, others: { 'text/plain': text } },
  answer: { status: 204, description: 'Taken.' },
  errors: ['FORBIDDEN', 'RATE_LIMITED'],
});
