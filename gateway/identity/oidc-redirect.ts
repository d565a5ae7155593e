/** A cookie holds it, with what belongs to it, and browsers keep cookies of 4 KB. */
const MAX_CHARS = 1_024;

/** Where a sign-in may end: a place of the application; undefined for all others. */
export function redirectWithin(appUrl: string, text: unknown): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const app = new URL(appUrl);
  const url = new URL(text);
  if (url.href.length > MAX_CHARS) return undefined;
  // A blob: URL has the origin of whoever made it.
  const isSameOrigin = url.origin === app.origin && url.protocol === app.protocol;
  const isPlain = url.username === '' && url.password === '';
  return isSameOrigin && isPlain && isBelow(url.pathname, app.pathname) ? url : undefined;
}

/** Whether a path is `base` or something in it; `/apple` is not in `/app`. */
const isBelow = (path: string, base: string): boolean =>
  `${path.replace(/\/$/, '')}/`.startsWith(`${base.replace(/\/$/, '')}/`);

/** The URL with how the sign-in has ended, and nothing left of how an earlier one had. */
export function withOutcome(url: URL, outcome: { code: string } | { error: string }): string {
  const ended = new URL(url);
  for (const name of ['code', 'error']) ended.searchParams.delete(name);
  for (const [name, value] of Object.entries(outcome)) ended.searchParams.set(name, value);
  return ended.href;
}
