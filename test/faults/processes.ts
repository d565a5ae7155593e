import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface RunningProgram {
  pid: number;
  parentPid: number;
  /** Its arguments, in one line. */
  command: string;
}

/** FFmpeg and ffprobe processes whose arguments name one of `marks`. */
export async function mediaProcesses(marks: readonly string[]): Promise<RunningProgram[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,ppid=,args='], {
    maxBuffer: 16 * 1024 ** 2,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parentPid, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    const isMedia = /^\S*(ffmpeg|ffprobe|setpriv)|^\/bin\/sh \S*ffmpeg/.test(command);
    if (!isMedia || !marks.some((mark) => command.includes(mark))) return [];
    return [{ pid: Number(pid), parentPid: Number(parentPid), command }];
  });
}
