/** One caption. */
export interface Cue {
  /** On the film's clock, whole milliseconds, the start before the end. */
  startMs: number;
  endMs: number;
  /** As WebVTT writes them: `line:0 align:left`; may be empty. */
  settings: string;
  /** Cue text of WebVTT: lines separated by `\n`, none of them blank. */
  text: string;
}

/** WebVTT timestamp of a whole number of milliseconds: HH:MM:SS.mmm, with more digits of hours where it takes them. */
export function vttTime(ms: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const rest = String(ms % 1000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${rest}`;
}

function cueBlock({ startMs, endMs, settings, text }: Cue): string {
  return `${vttTime(startMs)} --> ${vttTime(endMs)}${settings && ` ${settings}`}\n${text}\n`;
}

/** A WebVTT file of these cues; `header` has lines that follow its first one. */
export const webVtt = (cues: readonly Cue[], header: readonly string[] = []): string =>
  `${['WEBVTT', ...header, '', ...cues.map(cueBlock)].join('\n')}`;
