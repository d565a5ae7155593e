/** By what they put into their User-Agent, in this order: most pretend to be what comes further down. */
const families: readonly (readonly [string, RegExp])[] = [
  ['VLC', /\b(Lib)?VLC\b/i],
  ['FFmpeg', /^Lavf\//],
  ['mpv', /\bmpv\b/],
  ['Kodi', /\bKodi\b/],
  ['Roku', /\bRoku\b/],
  ['ExoPlayer', /\b(ExoPlayer|AndroidXMedia3)/],
  ['AVPlayer', /^AppleCoreMedia\//],
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Headless)?(Chrome|Chromium|CriOS)\//],
  ['Safari', /\bSafari\//],
  ['curl', /^curl\//],
];

/** Only this much of a header is looked at. */
const MAX_CHARS = 512;

/** The browser or player of a User-Agent, without its version; `Other` for any that is not known. */
export function userAgentFamily(userAgent: string | undefined): string {
  const text = userAgent?.slice(0, MAX_CHARS) ?? '';
  return families.find(([, pattern]) => pattern.test(text))?.[0] ?? 'Other';
}
