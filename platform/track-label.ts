/** Public name of a track's directory: `v720` is "720p", `a0` is "Audio 1". */
export function trackLabel(trackName: string): string {
  const number = Number(trackName.slice(1));
  return trackName.startsWith('v') ? `${number}p` : `Audio ${number + 1}`;
}
