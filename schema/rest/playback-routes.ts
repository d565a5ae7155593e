import { z } from 'zod';
import { restRoute } from './rest-route.js';
import { bytes, count, dateTime, seconds, text, videoParams, videoStatus } from './wire-types.js';

const rendition = z.object({
  name: z.string().meta({ examples: ['720p'] }),
  width: count.nullable().meta({ description: 'Pixels; null for sound.' }),
  height: count.nullable(),
  frameRate: z.number().nullable(),
  codecs: z.string().meta({ description: 'RFC 6381.' }),
  bandwidthBps: count.meta({ description: 'Peak over one segment, bits a second.' }),
  averageBandwidthBps: count,
});

const playback = z.object({
  url: z.url().meta({ description: 'Of the master playlist.' }),
  posterUrl: z.url().nullable(),
  storyboardUrl: z.url().nullable().meta({ description: 'Of a WebVTT file whose cues point at thumbnails.' }),
  expiresAt: dateTime,
});

const publicVideo = z
  .object({
    id: z.string(),
    title: z.string(),
    status: videoStatus,
    durationSeconds: seconds.nullable(),
    width: count.nullable(),
    height: count.nullable(),
    createdAt: dateTime,
    readyAt: dateTime.nullable(),
    publicUrl: z
      .url()
      .nullable()
      .meta({ description: 'Of the master playlist, for everybody; null where the project is not public.' }),
    renditions: z.array(rendition),
    playback: playback
      .optional()
      .meta({ description: 'For a key with the scope `playback:sign`; for an hour.' }),
  })
  .meta({ id: 'PublicVideo' });

export const videoRoute = restRoute({
  ...{ on: ['streamer'], methods: ['GET'], tag: 'Playback', access: 'optional' },
  path: '/videos/:videoID',
  summary: 'Public facts about a playable video',
  description:
    'With a key that may sign playback for its project also where to play it. What is not there, or not ' +
    'playable yet, answers 404.',
  params: videoParams,
  answer: {
    ...{ status: 200, description: 'The video.', body: publicVideo },
    headers: { ETag: 'Of the public facts; absent where the answer says where to play.' },
  },
  otherAnswers: { 304: { description: 'The sender has these facts.', headers: { ETag: 'Their version.' } } },
  errors: ['NOT_FOUND'],
});

const caching = {
  'Cache-Control': 'How long it may be kept: never beyond the token.',
  ETag: 'Its version.',
  Vary: 'Which headers of a request it differs by, if it does.',
};
const timing = { 'Server-Timing': 'Whether it was held in memory, and how long storage was waited for.' };
const files = ['application/vnd.apple.mpegurl', 'video/mp4', 'image/jpeg', 'text/vtt'];
const whole = {
  ...{ description: 'The file.', body: bytes, types: files },
  headers: { ...caching, ...timing, 'Accept-Ranges': '`bytes`; not on a master playlist.' },
};

/** Delivery directives (draft-pantos-hls-rfc8216bis section 6.2.5); others are ignored. */
export const deliveryDirectives = z.object({
  _HLS_msn: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a decimal integer' })
    .optional()
    .meta({
      description:
        'Of a media playlist that grows: answered when it has the segment with this Media Sequence Number, ' +
        'or has ended; 503 after three target durations.',
    }),
  _HLS_part: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a decimal integer' })
    .optional()
    .meta({ description: 'Without meaning here, since no playlist has parts; refused without `_HLS_msn`.' }),
});

export const streamRoute = restRoute({
  ...{ on: ['streamer'], methods: ['GET', 'HEAD'], tag: 'Playback', access: 'public' },
  path: '/stream/*',
  summary: 'A published file of a video',
  description:
    'Master and media playlists, init and media segments, thumbnails. Whatever is wrong with a token, a name or a ' +
    'viewer, the answer is the same 403.',
  params: z.object({
    '*': text.meta({
      description:
        '`<entry token>.m3u8`, or `<media token>/<file>`; of a public video also `<video id>.m3u8` and ' +
        '`<video id>/poster.jpg`. Slashes are sent as they are.',
    }),
  }),
  query: deliveryDirectives,
  answer: {
    ...{ status: 200, ...whole },
    headers: {
      ...whole.headers,
      'Accept-Ranges': '`bytes`; not on a master playlist, nor on what is compressed.',
      'Content-Encoding': '`gzip` on playlists and WebVTT of 1 KiB and more, where the sender takes it.',
    },
  },
  otherAnswers: {
    206: {
      ...whole,
      description: 'The range that was asked for.',
      headers: { ...whole.headers, 'Content-Range': 'RFC 9110.' },
    },
    304: { description: 'The sender has this version.', headers: caching },
    416: { description: 'The range lies outside the file.', headers: { 'Content-Range': 'RFC 9110.' } },
  },
  errors: ['FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
});
