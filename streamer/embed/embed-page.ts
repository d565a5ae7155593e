import type { EmbedQuery } from '../../schema/rest/embed-routes.js';
import { attributes, escapeHtml } from './escape-html.js';
import type { EmbeddedVideo } from './find-embedded.js';
import { pictureSize } from './picture-size.js';

/** Address of an embed page; of the query, what is given. */
export function embedUrl(base: string, videoId: string, query: EmbedQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const given = search.toString();
  return `${base}/embed/${videoId}${given && `?${given}`}`;
}

/** The page that shows a video. Scripts and styles stand in files of their own: it allows none within it. */
export function embedPage(base: string, embedded: EmbeddedVideo, query: EmbedQuery): string {
  const { video, url, posterUrl, token } = embedded;
  const isStarted = query.autoplay === '1';
  const player = attributes({
    ...{ controls: true, playsinline: true, preload: 'metadata', 'aria-label': video.title },
    ...{ autoplay: isStarted, muted: isStarted, poster: posterUrl },
    ...{ 'data-video-id': video._id, 'data-source': url, 'data-start': query.start },
    'data-expires': token !== undefined,
  });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(video.title)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="../player/embed.css">
    ${[...metaTags(base, embedded), discoveryLink(base, embedded)].join('\n    ')}
    <script type="module" src="../player/embed.js"></script>
  </head>
  <body>
    <main>
      <video${player}></video>
      <div class="notice" role="alert" hidden><p></p><button type="button" hidden>Try again</button></div>
      <noscript><div class="notice"><p>This player needs JavaScript.</p></div></noscript>
    </main>
  </body>
</html>
`;
}

/** https://ogp.me and the player card of X. A picture of what is not public would not outlive its token. */
function metaTags(base: string, { video, posterUrl, token }: EmbeddedVideo): string[] {
  const page = embedUrl(base, video._id, { token });
  const image = token === undefined ? posterUrl : undefined;
  const { width, height } = pictureSize(video.renditions);
  const properties = {
    ...{ 'og:type': 'video.other', 'og:title': video.title, 'og:url': page, 'og:image': image },
    ...{ 'og:video': page, 'og:video:type': 'text/html' },
    ...{ 'og:video:width': width, 'og:video:height': height },
  };
  const names = {
    ...{ 'twitter:card': 'player', 'twitter:title': video.title, 'twitter:image': image },
    ...{ 'twitter:player': page, 'twitter:player:width': width, 'twitter:player:height': height },
  };
  return [...tagsOf('property', properties), ...tagsOf('name', names)];
}

const tagsOf = (kind: string, values: Readonly<Record<string, string | number | undefined>>): string[] =>
  Object.entries(values)
    .filter(([, content]) => content !== undefined)
    .map(([name, content]) => `<meta${attributes({ [kind]: name, content })}>`);

/** https://oembed.com section 4 */
function discoveryLink(base: string, { video, token }: EmbeddedVideo): string {
  const search = new URLSearchParams({ url: embedUrl(base, video._id, { token }), format: 'json' });
  const href = `${base}/oembed?${search.toString()}`;
  return `<link${attributes({ rel: 'alternate', type: 'application/json+oembed', href, title: video.title })}>`;
}

/** For a viewer in place of the player; says nothing about the video. */
export const noticePage = (text: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(text)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="../player/embed.css">
  </head>
  <body>
    <main class="notice"><p>${escapeHtml(text)}</p></main>
  </body>
</html>
`;
