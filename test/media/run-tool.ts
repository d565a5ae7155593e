import { spawn } from 'node:child_process';

/** Runs FFmpeg or ffprobe and resolves to what it prints; rejects with its complaints. */
export function runTool(program: string, argv: readonly string[]): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => (complaints = (complaints + piece.toString()).slice(-4000)));
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0) resolve(Buffer.concat(out));
    else reject(new Error(`${program} ended with ${code}: ${complaints}`));
  });
  return promise;
}
