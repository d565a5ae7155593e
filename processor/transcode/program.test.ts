import { describe, expect, it } from '@jest/globals';
import os from 'node:os';
import { AppError } from '../../schema/errors.js';
import { argvOf, runProgram, type ProgramRun } from './program.js';

const node = (script: string, run: Partial<ProgramRun> = {}): ProgramRun => ({
  ...{ program: process.execPath, argv: ['-e', script], niceness: 0, wallClockMs: 30_000, graceMs: 20_000 },
  ...{ signal: new AbortController().signal, onStdout: () => undefined },
  ...run,
});

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Runs a script that prints its process id, aborts it then, and tells how it ended. */
async function aborted(
  script: string,
  run: Partial<ProgramRun> = {},
): Promise<{ error: unknown; running: boolean }> {
  const controller = new AbortController();
  let pid = 0;
  const onStdout = (piece: Buffer): void => {
    pid ||= Number(piece.toString());
    controller.abort(new Error('enough'));
  };
  const error = await runProgram(node(script, { ...run, signal: controller.signal, onStdout })).catch(
    (e: unknown) => e,
  );
  return { error, running: isRunning(pid) };
}

const forever = 'setInterval(() => {}, 1000); console.log(process.pid);';

describe('runProgram', () => {
  it('resolves to the exit code, the last lines of stderr, and hands over what is printed', async () => {
    let printed = '';
    const script =
      'console.log(process.argv.slice(1).join("|")); console.error("oh dear"); process.exitCode = 3';
    const run = node(script, { onStdout: (piece) => (printed += piece.toString()) });
    const exit = await runProgram({ ...run, argv: [...run.argv, 'a b', "it's", '$HOME'] });
    expect(exit).toMatchObject({ code: 3, signal: null });
    expect(exit.stderrTail).toContain('oh dear');
    expect(printed).toBe("a b|it's|$HOME\n");
  });

  it('keeps a bounded tail of a program that complains without end', async () => {
    const exit = await runProgram(node('for (let n = 0; n < 5000; n++) console.error("line " + n)'));
    expect(exit.stderrTail.split('\n').length).toBeLessThanOrEqual(202);
    expect(exit.stderrTail).toContain('line 4999');
  });

  it('ends the process when it is aborted, and settles once it is gone', async () => {
    const { error, running } = await aborted(forever);
    expect(error).toEqual(new Error('enough'));
    expect(running).toBe(false);
  });

  it('kills a process that does not listen', async () => {
    const deaf = `process.on('SIGTERM', () => {}); ${forever}`;
    expect(await aborted(deaf, { graceMs: 50 })).toEqual({ error: new Error('enough'), running: false });
  });

  it('ends a process whose time is up, or that its owner has given up', async () => {
    await expect(runProgram(node(forever, { wallClockMs: 100 }))).rejects.toMatchObject({
      code: 'PROCESSING_TIMEOUT',
    });
    const stalled = new AppError('PROCESSING_TIMEOUT');
    await expect(runProgram(node(forever, { watch: () => stalled }))).rejects.toBe(stalled);
  });

  it('starts nothing for a signal that is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(runProgram(node(forever, { signal }))).rejects.toThrow('too late');
  });

  it('rejects when there is no such program', async () => {
    await expect(runProgram(node('', { program: '/no/such/program' }))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });

  it('runs in a process group of its own, at the niceness asked for', async () => {
    let printed = '';
    const script = 'const fs = require("fs"); console.log(fs.readFileSync("/proc/self/stat", "utf8"))';
    await runProgram(node(script, { niceness: 7, onStdout: (piece) => (printed += piece.toString()) }));
    const [pid, fields] = [printed.split(' ')[0], printed.slice(printed.lastIndexOf(')') + 2).split(' ')];
    expect(fields[2]).toBe(pid);
    expect(Number(fields[16])).toBe(7 + os.getPriority());
  });
});

describe('argvOf', () => {
  it('passes every argument on as it is', () => {
    const argv = argvOf((command) =>
      command.input('in put').inputOptions('-ss', '1 2').output('/out put').outputOptions('-map', "[a 'b']"),
    );
    expect(argv).toEqual(['-ss', '1 2', '-i', 'in put', '-y', '-map', "[a 'b']", '/out put']);
  });
});
