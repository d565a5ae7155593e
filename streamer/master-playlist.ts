import { hlsFileKind, videoTrackHeight } from '../schema/blob-paths.js';

/**
 * A stored master playlist with every URI, plain or as an attribute (RFC 8216 section 4.2), and every value that names a
 * published file moved below `prefix`; everything else stays as it is, line ends too.
 */
export function rewriteMaster(playlist: string, prefix: string): string {
  return playlist
    .split('\n')
    .map((line) => rewriteLine(line, prefix))
    .join('\n');
}

function rewriteLine(line: string, prefix: string): string {
  if (line.trim() === '') return line;
  if (!line.startsWith('#')) return `${prefix}/${line}`;
  if (!line.startsWith('#EXT')) return line;
  return line.replace(
    /([:,](URI|VALUE)=")([^"]*)/g,
    (whole, attribute: string, name: string, value: string) =>
      name === 'URI' || hlsFileKind(value) ? `${attribute}${prefix}/${value}` : whole,
  );
}

/**
 * A stored master playlist without the renditions whose short side is longer than `maxHeight` pixels; with all of them
 * where that is undefined.
 */
export function upTo(playlist: string, maxHeight: number | undefined): string {
  if (maxHeight === undefined) return playlist;
  const lines = playlist.split('\n');
  return lines.filter((line, index) => heightOf(line, lines[index + 1]) <= maxHeight).join('\n');
}

/** Of the rendition that a line is about: its own URI, or the line after it; 0 for what is not of a picture. */
function heightOf(line: string, next = ''): number {
  const [, uri = ''] = /[:,]URI="([^"]*)"/.exec(line) ?? [];
  const isAnnouncement = line.startsWith('#EXT-X-STREAM-INF:');
  return videoTrackHeight(isAnnouncement ? next : line.startsWith('#') ? uri : line) ?? 0;
}
