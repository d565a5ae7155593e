/** What a stored media playlist says, read from its bytes: nothing is kept of it beside them. */

const LINE_END = 0x0a;
const COMMENT = 0x23;
const SEGMENT_TAG = '\n#EXTINF:';

/** The URI after this one; undefined where it is the last, or none of the playlist's. */
export function segmentAfter(playlist: Buffer, uri: string): string | undefined {
  const at = playlist.indexOf(`\n${uri}\n`);
  if (at === -1) return undefined;
  let start = at + uri.length + 2;
  while (playlist[start] === COMMENT) {
    const end = playlist.indexOf(LINE_END, start);
    if (end === -1) return undefined;
    start = end + 1;
  }
  const end = playlist.indexOf(LINE_END, start);
  return end > start ? playlist.toString('latin1', start, end) : undefined;
}

/** Segments of a playlist, which is the Media Sequence Number after its last one: ours begin at 0. */
export function segmentCount(playlist: Buffer): number {
  let count = 0;
  for (let at = playlist.indexOf(SEGMENT_TAG); at !== -1; at = playlist.indexOf(SEGMENT_TAG, at + 1))
    count += 1;
  return count;
}

/** EXT-X-TARGETDURATION, seconds; `otherwise` where a playlist has none. */
export function targetDuration(playlist: Buffer, otherwise: number): number {
  const [, seconds] = /^#EXT-X-TARGETDURATION:(\d{1,4})$/m.exec(playlist.toString('latin1', 0, 512)) ?? [];
  return seconds === undefined ? otherwise : Number(seconds);
}
