import { AppError } from '../../schema/errors.js';
import { failedRunError } from './ffmpeg-errors.js';
import { createProgressReader, type FfmpegProgress } from './ffmpeg-progress.js';
import { inputOptions, type InputLimits } from './input-options.js';
import { checkMemory } from './memory-watch.js';
import { createStallWatch } from './stall-watch.js';
import { onLeash } from './leash.js';
import { argvOf, runProgram, type ProgramExit, type ProgramRun } from './program.js';

/** One FFmpeg run, without what every run has in common. */
export interface FfmpegCommand {
  /** Address or local path of the one source. */
  source: string;
  /** Before `-i`. */
  sourceOptions: string[];
  /** Each is a filter graph of its own: a shared one would hold back pictures until sound arrives. */
  graphs: string[];
  outputs: FfmpegOutput[];
}

export interface FfmpegOutput {
  options: string[];
  /** Local path. */
  target: string;
}

export interface RunLimits {
  signal: AbortSignal;
  /** Longest run. */
  wallClockMs: number;
  /** Longest time without a new frame, packet or byte. */
  stallMs: number;
}

export interface RunOptions extends RunLimits {
  onProgress?: (progress: FfmpegProgress) => void;
}

export interface RunResult {
  /** Frames that the first video output got. */
  frames: number;
  wallMs: number;
  /** FFmpeg's complaints, the source's address taken out. Some come with a perfect result. */
  stderrTail: string;
}

export interface FfmpegDeps {
  ffmpegPath: string;
  ffprobePath: string;
  /** Added to the niceness of every process, 0 to 19. */
  niceness: number;
  limits: InputLimits;
  /** Most resident memory of one process. */
  maxMemoryBytes: number;
  /** A command before each program: see `findLeash`. */
  leash?: readonly string[];
  /** Time from SIGTERM to SIGKILL. */
  graceMs?: number;
}

/** The only way to FFmpeg and ffprobe. */
export interface Ffmpeg {
  /**
   * Runs FFmpeg to its end. Exit code 0 does not mean that nothing is missing: check what it made.
   * Rejects with the abort reason, PROCESSING_TIMEOUT, or what `failedRunError` makes of its complaints.
   */
  run(command: FfmpegCommand, options: RunOptions): Promise<RunResult>;
  /** What ffprobe prints as JSON, unchecked. `options` select it. Rejects as `run` does. */
  probe(source: string, options: string[], limits: RunLimits): Promise<unknown>;
  /** As `probe`, for answers of any length: each line of comma-separated values goes to `onLine`. */
  probeLines(
    source: string,
    options: string[],
    limits: RunLimits,
    onLine: (line: string) => void,
  ): Promise<void>;
}

const MAX_PROBE_BYTES = 16 * 1024 * 1024;
/** FFmpeg ends within milliseconds when it is asked to, unless it waits for the network. */
const DEFAULT_GRACE_MS = 1000;

/** The exact arguments of a run: the command's own between what every run has in common. */
export function ffmpegArgv(command: FfmpegCommand, limits: InputLimits): string[] {
  const common = ['-hide_banner', '-nostdin', '-loglevel', 'warning', '-nostats', '-progress', 'pipe:1'];
  const graphs = command.graphs.flatMap((graph) => ['-filter_complex', graph]);
  return argvOf((fluent) => {
    fluent
      .input(command.source)
      .inputOptions(...common, ...graphs, '-max_pixels', String(limits.maxPixels))
      .inputOptions(...inputOptions(command.source, limits), ...command.sourceOptions);
    for (const { options, target } of command.outputs) fluent.output(target).outputOptions(...options);
    return fluent;
  });
}

/** Cuts what a program prints into lines; one longer than `maxLength` is cut short. */
function createLineReader(onLine: (line: string) => void, maxLength = 4096): (piece: Buffer) => void {
  let pending = '';
  return (piece) => {
    const lines = (pending + piece.toString('latin1')).split('\n');
    pending = (lines.pop() ?? '').slice(0, maxLength);
    for (const line of lines) if (line) onLine(line);
  };
}

function finished(exit: ProgramExit, program: string, source: string): string {
  const stderrTail = exit.stderrTail.replaceAll(source, '<source>');
  if (exit.code !== 0) throw failedRunError({ ...exit, program, stderrTail });
  return stderrTail;
}

async function runFfmpeg(deps: FfmpegDeps, command: FfmpegCommand, options: RunOptions): Promise<RunResult> {
  const { niceness, graceMs = DEFAULT_GRACE_MS } = deps;
  const { signal, wallClockMs, stallMs, onProgress } = options;
  const stall = createStallWatch(stallMs);
  let frames = 0;
  const read = createProgressReader((progress) => {
    frames = progress.frames;
    stall.seen(progress);
    onProgress?.(progress);
  });
  const exit = await runProgram({
    ...onLeash(deps.leash, deps.ffmpegPath, ffmpegArgv(command, deps.limits)),
    ...{ niceness, graceMs, signal, wallClockMs },
    onStdout: (piece) => read(piece.toString('latin1')),
    watch: (pid) => stall.stalled() ?? checkMemory(pid, deps.maxMemoryBytes),
  });
  return { frames, wallMs: exit.wallMs, stderrTail: finished(exit, 'ffmpeg', command.source) };
}

async function runFfprobe(
  deps: FfmpegDeps,
  question: { source: string; options: string[]; limits: RunLimits },
  onStdout: ProgramRun['onStdout'],
): Promise<void> {
  const { niceness, graceMs = DEFAULT_GRACE_MS } = deps;
  const { source, options, limits } = question;
  const { signal, wallClockMs } = limits;
  const argv = ['-v', 'warning', ...inputOptions(source, deps.limits), ...options, source];
  const exit = await runProgram({
    ...onLeash(deps.leash, deps.ffprobePath, argv),
    ...{ niceness, graceMs, signal, wallClockMs, onStdout },
    watch: (pid) => checkMemory(pid, deps.maxMemoryBytes),
  });
  finished(exit, 'ffprobe', source);
}

/** Runs the programs at the given paths, each in its own process group, under the given limits. */
export function createFfmpeg(deps: FfmpegDeps): Ffmpeg {
  return {
    run: (command, options) => runFfmpeg(deps, command, options),

    async probe(source, options, limits) {
      const pieces: Buffer[] = [];
      let bytes = 0;
      const question = { source, options: ['-of', 'json=compact=1', ...options], limits };
      await runFfprobe(deps, question, (piece, stop) => {
        bytes += piece.length;
        if (bytes > MAX_PROBE_BYTES) stop(new AppError('MEDIA_TOO_LARGE'));
        else pieces.push(piece);
      });
      return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
    },

    async probeLines(source, options, limits, onLine) {
      const question = { source, options: ['-of', 'csv=p=0', ...options], limits };
      await runFfprobe(deps, question, createLineReader(onLine));
    },
  };
}
