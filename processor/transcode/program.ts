import type { ChildProcess } from 'node:child_process';
import fluentFfmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';
import { AppError } from '../../schema/errors.js';

/** What fluent-ffmpeg's `run()` is made of. Its own `run()` looks at every codec and format first. */
interface Launcher {
  _getFfmpegPath(found: (error: null, path: string) => void): void;
  _getArguments(): string[];
  _spawnFfmpeg(
    argv: string[],
    options: { captureStdout: boolean; detached: boolean; niceness: number; windowsHide: boolean },
    onProcess: (child: ChildProcess) => void,
    onEnd: (error: Error | null, stdout?: LinesRing, stderr?: LinesRing) => void,
  ): void;
}

interface LinesRing {
  get(): string;
}

/** Lines of stderr kept for the log. */
const TAIL_LINES = 200;
const WATCH_MS = 1000;

export interface ProgramRun {
  /** Path of FFmpeg or ffprobe. */
  program: string;
  argv: string[];
  /** Added to the process's niceness, 0 to 19. */
  niceness: number;
  signal: AbortSignal;
  /** The process is ended after this long. */
  wallClockMs: number;
  /** Time between the request to end and SIGKILL. */
  graceMs: number;
  /** Gets what the program prints. The `stop` it is handed ends the process; the run rejects with `why`. */
  onStdout: (piece: Buffer, stop: (why: AppError) => void) => void;
  /** Asked every second about the process with this id; an answer ends it. */
  watch?: (pid: number) => AppError | undefined;
}

export interface ProgramExit {
  code: number | null;
  signal: string | null;
  stderrTail: string;
  wallMs: number;
}

const launcher = (niceness = 0): FfmpegCommand & Launcher =>
  fluentFfmpeg({ niceness, stdoutLines: TAIL_LINES }) as unknown as FfmpegCommand & Launcher;

/** The arguments that a fluent-ffmpeg command stands for, program name excluded. */
export function argvOf(build: (command: FfmpegCommand) => FfmpegCommand): string[] {
  const command = launcher();
  build(command);
  return command._getArguments();
}

/** Ends a process group: politely, then surely. */
function endGroup(child: ChildProcess, graceMs: number): NodeJS.Timeout {
  const send = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      child.kill(signal); // The group is gone or not ours: the process itself is all there is.
    }
  };
  send('SIGTERM');
  return setTimeout(() => send('SIGKILL'), graceMs);
}

type OnEnd = Parameters<Launcher['_spawnFfmpeg']>[3];

/** Starts a program by its path and exactly these arguments, as the leader of a process group. */
function launch(
  { program, argv, niceness }: ProgramRun,
  onProcess: (child: ChildProcess) => void,
  onEnd: OnEnd,
): void {
  const command = launcher(niceness);
  // The library knows one path for the whole process; each command gets its own.
  command._getFfmpegPath = (found) => found(null, program);
  const options = { captureStdout: true, detached: true, niceness, windowsHide: true };
  command._spawnFfmpeg([...argv], options, onProcess, onEnd);
}

/**
 * Runs one program to its end in its own process group, so that a Ctrl-C in the terminal does not reach
 * it before its owner decides. Settles only once the process is gone. Rejects with the signal's reason,
 * with PROCESSING_TIMEOUT, or with INTERNAL if the program cannot be started; any exit code resolves.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramExit> {
  run.signal.throwIfAborted();
  const startedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<ProgramExit>();
  const timers: NodeJS.Timeout[] = [];
  let child: ChildProcess | undefined;
  let why: unknown;

  const stop = (reason: unknown): void => {
    if (reason === undefined || why !== undefined || !child) return;
    why = reason;
    timers.push(endGroup(child, run.graceMs));
  };
  const onAbort = (): void => stop(run.signal.reason);

  const onProcess = (started: ChildProcess): void => {
    child = started;
    child.stdout?.on('data', (piece: Buffer) => run.onStdout(piece, stop));
    run.signal.addEventListener('abort', onAbort, { once: true });
    timers.push(setTimeout(() => stop(new AppError('PROCESSING_TIMEOUT')), run.wallClockMs));
    timers.push(setInterval(() => stop(run.watch?.(started.pid ?? 0)), WATCH_MS));
  };

  const onEnd: OnEnd = (error, _stdout, stderr) => {
    timers.forEach((timer) => clearTimeout(timer));
    run.signal.removeEventListener('abort', onAbort);
    if (why !== undefined) return reject(why);
    if (!child || child.pid === undefined) return reject(new AppError('INTERNAL', {}, { cause: error }));
    resolve({
      code: child.exitCode,
      signal: child.signalCode,
      stderrTail: stderr?.get() ?? '',
      wallMs: performance.now() - startedAt,
    });
  };

  launch(run, onProcess, onEnd);
  return promise;
}
