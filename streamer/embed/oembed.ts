import { embedQuery, type EmbedQuery, type OEmbed } from '../../schema/rest/embed-routes.js';
import { embedUrl } from './embed-page.js';
import { attributes } from './escape-html.js';
import type { EmbeddedVideo } from './find-embedded.js';
import { fitInto, pictureSize, type Size } from './picture-size.js';

/** What is embedded is shown no larger unless somebody asks. */
const USUAL_LIMITS: Size = { width: 1280, height: 720 };

const PUBLIC_CACHE_SECONDS = 3_600;

/** The video and the query of an embed page's address; undefined for every other address. */
export function parseEmbedUrl(base: string, url: string): { videoId: string; query: EmbedQuery } | undefined {
  const given = URL.parse(url);
  const own = new URL(`${base}/embed/`);
  if (!given || given.origin !== own.origin || !given.pathname.startsWith(own.pathname)) return undefined;
  const query = embedQuery.safeParse(Object.fromEntries(given.searchParams));
  return query.success
    ? { videoId: given.pathname.slice(own.pathname.length), query: query.data }
    : undefined;
}

export interface OEmbedLimits {
  maxwidth?: number;
  maxheight?: number;
}

/** How to embed a video, https://oembed.com section 2.3.4. */
export function oembedOf(
  base: string,
  embedded: EmbeddedVideo,
  { maxwidth, maxheight, query }: OEmbedLimits & { query: EmbedQuery },
): OEmbed {
  const { video, posterUrl, token } = embedded;
  const full = pictureSize(video.renditions);
  const isLimited = maxwidth !== undefined || maxheight !== undefined;
  const asked = { width: maxwidth ?? Infinity, height: maxheight ?? Infinity };
  const size = fitInto(full, isLimited ? asked : USUAL_LIMITS);
  const fits = full.width <= asked.width && full.height <= asked.height;
  const thumbnail = token === undefined && fits ? posterUrl : undefined;
  return {
    ...{ version: '1.0', type: 'video', title: video.title },
    ...{ provider_name: 'Stream Plus', provider_url: base },
    cache_age: token === undefined ? PUBLIC_CACHE_SECONDS : 0,
    html: iframe(embedUrl(base, video._id, query), video.title, size),
    ...size,
    ...(thumbnail && {
      ...{ thumbnail_url: thumbnail, thumbnail_width: full.width, thumbnail_height: full.height },
    }),
  };
}

const iframe = (src: string, title: string, size: Size): string =>
  `<iframe${attributes({
    ...{ src, title, ...size, frameborder: 0, loading: 'lazy' },
    ...{ allow: 'autoplay; fullscreen; picture-in-picture', allowfullscreen: true },
  })}></iframe>`;
