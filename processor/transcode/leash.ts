import { runProgram } from './program.js';

/** From util-linux: its process is killed when the one that started it dies (PR_SET_PDEATHSIG, prctl(2)). */
const SETPRIV = ['setpriv', '--pdeathsig', 'KILL', '--'];

/**
 * A command to put before programs, so that none outlives this process even where it is killed; empty
 * where the system has no such thing.
 */
export async function findLeash(signal: AbortSignal): Promise<readonly string[]> {
  const [program, argv] = [SETPRIV[0] ?? '', [...SETPRIV.slice(1), 'true']];
  const limits = { niceness: 0, wallClockMs: 5_000, graceMs: 1_000, signal, onStdout: () => undefined };
  const works = await runProgram({ program, argv, ...limits }).then(
    ({ code }) => code === 0,
    () => false,
  );
  return works ? SETPRIV : [];
}

/** The program and its arguments, behind the leash. */
export function onLeash(
  leash: readonly string[] = [],
  program: string,
  argv: readonly string[],
): { program: string; argv: string[] } {
  const [first = program, ...rest] = [...leash, program, ...argv];
  return { program: first, argv: rest };
}
