import { hlsFiles } from '../../schema/blob-paths.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';

/**
 * What a player that has nothing but the URL would not find otherwise (RFC 8216 section 4.3.4.4), and what never
 * changes: the video's id, and, of a film that has `ended` and has pictures, where its poster and its storyboard are,
 * relative to the master. These are values, since a URI has to lead to JSON.
 */
export function sessionDataLines(videoId: string, { videoTracks }: TranscodePlan, ended: boolean): string[] {
  return [
    sessionData('video', videoId),
    ...(ended && videoTracks.length
      ? [sessionData('poster', hlsFiles.poster), sessionData('storyboard', hlsFiles.storyboard)]
      : []),
  ];
}

const sessionData = (name: string, value: string): string =>
  `#EXT-X-SESSION-DATA:DATA-ID="stream-plus.${name}",VALUE="${value}"`;
