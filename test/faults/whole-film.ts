import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import type { Video } from '../../schema/video.js';
import type { Platform } from '../support/platform-fixture.js';
import { storedFiles } from '../support/platform-jobs.js';

/** What a READY film lacks or has twice, by its playlists and the files they name; empty where nothing. */
export async function filmProblems(
  platform: Pick<Platform, 'hls'>,
  { _id, generation, renditions }: Video,
  seconds: number,
): Promise<string[]> {
  const prefix = generationPrefix(_id, generation);
  const stored = new Set(await storedFiles(platform, _id));
  const tracks = [...stored].flatMap((name) => /\/([va]\d+)\/media\.m3u8$/.exec(name)?.[1] ?? []);
  const playlists = tracks.flatMap((track) => [
    { track, name: hlsFiles.media(track) },
    ...(track.startsWith('v') ? [{ track, name: hlsFiles.iframes(track) }] : []),
  ]);
  const problems = await Promise.all(
    playlists.map(async ({ track, name }) => {
      const text = (await platform.hls.get(prefix + name))?.toString('utf8') ?? '';
      return trackProblems({ text, seconds, isStored: (uri) => stored.has(`${prefix}${track}/${uri}`) }).map(
        (problem) => `${_id} ${name}: ${problem}`,
      );
    }),
  );
  const published = tracks.length === renditions.length ? [] : [`${_id} has only ${tracks.join(', ')}`];
  return [...published, ...problems.flat()];
}

function trackProblems(track: {
  text: string;
  seconds: number;
  isStored: (uri: string) => boolean;
}): string[] {
  const lines = track.text.split('\n');
  const uris = lines.filter((line) => line && !line.startsWith('#'));
  const numbers = uris.map((uri) => Number(/^s(\d+)\./.exec(uri)?.[1]));
  const isOrdered = numbers.length === track.seconds && numbers.every((number, index) => number === index);
  const length = lines.reduce((sum, line) => sum + Number(/^#EXTINF:([\d.]+)/.exec(line)?.[1] ?? 0), 0);
  return [
    ...(lines.includes('#EXT-X-ENDLIST') ? [] : ['is not closed']),
    ...(isOrdered ? [] : [`has the segments ${numbers.join()}`]),
    // Sound ends with a packet of 1024 samples.
    ...(Math.abs(length - track.seconds) < 0.03 ? [] : [`lasts ${length} s`]),
    ...uris.filter((uri) => !track.isStored(uri)).map((uri) => `lacks ${uri}`),
  ];
}
