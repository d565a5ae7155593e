import { z } from 'zod';
import { restRoute } from './rest-route.js';
import { bytes, count, text, videoParams } from './wire-types.js';

const embedding = { on: ['streamer'], methods: ['GET'], tag: 'Embedding', access: 'public' } as const;

/** Longest film there is, and then some: 100 days. */
const MAX_START_SECONDS = 8_640_000;

/** What an embed page takes beside the video's id, of whoever makes the link. */
export const embedQuery = z.object({
  token: z
    .string()
    .max(2_048)
    .optional()
    .meta({ description: 'Of `playback.url`, what stands before `.m3u8`. Public videos need none.' }),
  start: z.coerce
    .number()
    .min(0)
    .max(MAX_START_SECONDS)
    .optional()
    .meta({ description: 'Where it begins, seconds.' }),
  autoplay: z
    .enum(['0', '1'])
    .optional()
    .meta({ description: '1: begins by itself, muted, as browsers demand.' }),
});

export type EmbedQuery = z.infer<typeof embedQuery>;

const page = { body: text, types: ['text/html'] };

export const embedRoute = restRoute({
  ...embedding,
  path: '/embed/:videoID',
  summary: 'A page with a player, for an iframe',
  params: videoParams,
  query: embedQuery,
  answer: { status: 200, description: 'The player.', ...page },
  otherAnswers: {
    404: { description: 'Neither public nor asked for with a token that is valid, or not there.', ...page },
    503: { description: 'It cannot be told now.', ...page },
  },
});

const caching = { 'Cache-Control': 'How long it may be kept.', ETag: 'Its version.' };

export const playerFileRoute = restRoute({
  ...embedding,
  path: '/player/:file',
  summary: 'A part of that page',
  description: '`renew.js` is also for players of your own.',
  params: z.object({ file: z.string().meta({ description: 'Its name.', examples: ['renew.js'] }) }),
  answer: {
    ...{ status: 200, description: 'The file.', body: bytes, types: ['text/javascript', 'text/css'] },
    headers: caching,
  },
  otherAnswers: { 304: { description: 'The sender has this version.', headers: caching } },
  errors: ['NOT_FOUND'],
});

/** https://oembed.com section 2.3.4 */
const oembed = z
  .object({
    version: z.literal('1.0'),
    type: z.literal('video'),
    title: z.string(),
    provider_name: z.string(),
    provider_url: z.url(),
    cache_age: count.meta({ description: 'Seconds.' }),
    html: z.string().meta({ description: 'An iframe.' }),
    width: count.meta({ description: 'Pixels.' }),
    height: count,
    thumbnail_url: z
      .url()
      .optional()
      .meta({ description: 'Of a public video, where it fits into what was asked for.' }),
    thumbnail_width: count.optional(),
    thumbnail_height: count.optional(),
  })
  .meta({ id: 'OEmbed' });

export type OEmbed = z.infer<typeof oembed>;

const pixels = z.coerce.number().int().min(1).max(100_000).optional();

export const oembedRoute = restRoute({
  ...embedding,
  path: '/oembed',
  summary: 'How to embed a video (oEmbed 1.0)',
  query: z.object({
    url: z.string().max(4_096).meta({ description: 'Of an embed page of this streamer.' }),
    format: z.string().optional().meta({ description: '`json`; others answer 501.' }),
    maxwidth: pixels.meta({ description: 'Pixels.' }),
    maxheight: pixels,
  }),
  answer: { status: 200, description: 'For the page that embeds it.', body: oembed },
  errors: ['NOT_FOUND', 'NOT_IMPLEMENTED', 'UNAVAILABLE'],
});
