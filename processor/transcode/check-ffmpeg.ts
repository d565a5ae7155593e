import { runProgram } from './program.js';

/** Oldest FFmpeg whose segments were found to join. */
const OLDEST = [5, 1] as const;
const ENCODERS = ['libx264', 'aac', 'mjpeg'] as const;
const MAX_OUTPUT = 200_000;

export interface FfmpegBuild {
  /** As the program calls itself: `5.1.9-0+deb12u1`, `n7.1`. */
  version: string;
  encoders: string[];
}

/** What `ffmpeg -version` and `ffmpeg -encoders` print, read; undefined if it is not FFmpeg that printed it. */
export function readBuild(versionText: string, encodersText: string): FfmpegBuild | undefined {
  const version = /^ffmpeg version (\S+)/m.exec(versionText)?.[1];
  if (!version) return undefined;
  const encoders = [...encodersText.matchAll(/^ [VASFXBD.]{6} (\S+)/gm)].map((match) => match[1] ?? '');
  return { version, encoders };
}

/** One line that says what is wrong with a build; undefined if it will do. Snapshots pass on trust. */
export function buildProblem(build: FfmpegBuild): string | undefined {
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(build.version) ?? [];
  const older = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
  if (older) return `FFmpeg ${build.version} is too old: install ${OLDEST.join('.')} or newer.`;
  const missing = ENCODERS.filter((name) => !build.encoders.includes(name));
  if (missing.length)
    return `FFmpeg ${build.version} was built without ${missing.join(', ')}: install a full build.`;
  return undefined;
}

/**
 * Looks at the programs once, at start. Returns their version; throws an Error of one clear line when
 * one is missing, too old, or lacks an encoder.
 */
export async function checkFfmpeg(deps: {
  ffmpegPath: string;
  ffprobePath: string;
  signal?: AbortSignal;
}): Promise<string> {
  const { signal = new AbortController().signal } = deps;
  const print = async (program: string, argument: string): Promise<string> => {
    let text = '';
    const exit = await runProgram({
      ...{ program, argv: ['-hide_banner', argument], niceness: 0, wallClockMs: 10_000, graceMs: 1000 },
      signal,
      onStdout: (piece) => (text = (text + piece.toString('utf8')).slice(0, MAX_OUTPUT)),
    }).catch((error: unknown) => {
      throw new Error(`${program} cannot be started: install FFmpeg, or set the path to it.`, {
        cause: error,
      });
    });
    if (exit.code !== 0) throw new Error(`${program} ${argument} ended with code ${exit.code}.`);
    return text;
  };
  const [version, encoders, ffprobe] = await Promise.all([
    print(deps.ffmpegPath, '-version'),
    print(deps.ffmpegPath, '-encoders'),
    print(deps.ffprobePath, '-version'),
  ]);
  const build = readBuild(version, encoders);
  if (!build) throw new Error(`${deps.ffmpegPath} is not FFmpeg.`);
  if (!/^ffprobe version/m.test(ffprobe)) throw new Error(`${deps.ffprobePath} is not ffprobe.`);
  const problem = buildProblem(build);
  if (problem) throw new Error(problem);
  return build.version;
}
