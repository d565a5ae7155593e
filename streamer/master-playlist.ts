/**
 * A stored master playlist with every URI, plain or as an attribute (RFC 8216 section 4.2), moved below
 * `prefix`; everything else stays as it is, line ends too.
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
  return line.replace(/([:,]URI=")([^"]*")/g, (_, attribute: string, uri: string) => {
    return `${attribute}${prefix}/${uri}`;
  });
}
