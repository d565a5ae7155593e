/** Names inside a chunk's temporary directory, where FFmpeg knows nothing of attempts. */
export const chunkFiles = {
  init: 'init.mp4',
  initPath: (dir: string, track: string): string => `${dir}/${track}/init.mp4`,
  playlist: (dir: string, track: string): string => `${dir}/${track}/chunk.m3u8`,
  segmentPattern: (dir: string, track: string): string => `${dir}/${track}/s%05d.m4s`,
  sprite: (dir: string): string => `${dir}/sprite.jpg`,
  /** Number of the segment a finished file holds; undefined for any other file. */
  segmentNumber: (file: string): number | undefined => {
    const digits = /^s(\d{5,7})\.m4s$/.exec(file)?.[1];
    return digits === undefined ? undefined : Number(digits);
  },
} as const;
