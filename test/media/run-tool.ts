import { spawn } from 'node:child_process';

/** The first of the pipes of a program that `runPipes` reads. */
export const FIRST_PIPE = 3;

/** Runs FFmpeg or ffprobe and resolves to what it prints; rejects with its complaints. */
export const runTool = (program: string, argv: readonly string[]): Promise<Buffer> =>
  run(program, argv, { files: [1] }).then(([printed]) => printed ?? Buffer.alloc(0));

/** Runs FFmpeg and resolves to what it writes to each of so many pipes, the first of which is {@link FIRST_PIPE}. */
export const runPipes = (program: string, argv: readonly string[], count: number): Promise<Buffer[]> =>
  run(program, argv, { files: Array.from({ length: count }, (_, n) => FIRST_PIPE + n) });

/** Resolves to what the program writes to each of these file descriptors. */
function run(
  program: string,
  argv: readonly string[],
  { files }: { files: readonly number[] },
): Promise<Buffer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer[]>();
  const more = files.filter((file) => file >= FIRST_PIPE).map(() => 'pipe' as const);
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe', ...more] });
  const written = files.map((file) => {
    const pieces: Buffer[] = [];
    child.stdio[file]?.on('data', (piece: Buffer) => pieces.push(piece));
    return pieces;
  });
  let complaints = '';
  child.stderr?.on('data', (piece: Buffer) => (complaints = (complaints + piece.toString()).slice(-4000)));
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0) resolve(written.map((pieces) => Buffer.concat(pieces)));
    else reject(new Error(`${program} ended with ${code}: ${complaints}`));
  });
  return promise;
}
