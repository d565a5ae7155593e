import { describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFfmpeg, ffmpegArgv, type Ffmpeg, type FfmpegCommand } from './ffmpeg.js';
import type { FfmpegProgress } from './ffmpeg-progress.js';

const limits = { maxPixels: 1000, maxStreams: 32 };
const maxMemoryBytes = 64 * 1024 ** 2;
const run = { signal: new AbortController().signal, wallClockMs: 20_000, stallMs: 10_000 };
const command: FfmpegCommand = {
  source: '/in.mp4',
  sourceOptions: ['-copyts', '-ss', '1'],
  graphs: ["[0:0]select='eq(mod(pts,60),0)'[v0]", '[0:1]anull[a0]'],
  outputs: [
    { options: ['-map', '[v0]', '-c:v', 'libx264'], target: '/out/v.m3u8' },
    { options: ['-map', '[a0]', '-c:a', 'aac'], target: '/out/a.m3u8' },
  ],
};

/** Programs that do as the shell script says instead of what FFmpeg and ffprobe do. */
async function withScript(script: string, use: (ffmpeg: Ffmpeg) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'stream-plus-tool-'));
  const program = path.join(dir, 'tool');
  try {
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    await use(
      createFfmpeg({ ffmpegPath: program, ffprobePath: program, niceness: 0, limits, maxMemoryBytes }),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe('ffmpegArgv', () => {
  it('is the command between what every run has in common', () => {
    expect(ffmpegArgv(command, limits)).toEqual([
      ...['-hide_banner', '-nostdin', '-loglevel', 'warning', '-nostats', '-progress', 'pipe:1'],
      ...['-filter_complex', "[0:0]select='eq(mod(pts,60),0)'[v0]", '-filter_complex', '[0:1]anull[a0]'],
      ...['-max_pixels', '1000', '-protocol_whitelist', 'file', '-format_whitelist'],
      'mov,matroska,webm,mpegts,avi,flv,mpeg,mpegvideo,ogg,mp3,wav,flac,aac,asf',
      ...['-max_streams', '32', '-copyts', '-ss', '1', '-i', '/in.mp4', '-y'],
      ...['-map', '[v0]', '-c:v', 'libx264', '/out/v.m3u8', '-map', '[a0]', '-c:a', 'aac', '/out/a.m3u8'],
    ]);
  });
});

describe('run', () => {
  it('starts one process with exactly these arguments, and no other to look at the build', async () => {
    await withScript('printf "%s\\n" "$@" >> "$0.log"; cat "$0.log" >&2', async (ffmpeg) => {
      const { stderrTail } = await ffmpeg.run({ ...command, source: '/in' }, run);
      const argv = ffmpegArgv({ ...command, source: '/in' }, limits);
      expect(stderrTail.trim().split('\n')).toEqual(
        argv.map((argument) => argument.replaceAll('/in', '<source>')),
      );
    });
  });

  it('reports progress and counts frames', async () => {
    const reports: FfmpegProgress[] = [];
    const script = 'printf "frame=7\\nspeed=2x\\nprogress=continue\\nframe=9\\nspeed=3x\\nprogress=end\\n"';
    await withScript(script, async (ffmpeg) => {
      const result = await ffmpeg.run(command, { ...run, onProgress: (report) => reports.push(report) });
      expect(result.frames).toBe(9);
      expect(reports.map(({ frames, speed }) => [frames, speed])).toEqual([
        [7, 2],
        [9, 3],
      ]);
    });
  });

  it('rejects with a code, and takes the address out of what it keeps', async () => {
    await withScript(
      'echo "http://host/a?sig=x: Server returned 404 Not Found" >&2; exit 1',
      async (ffmpeg) => {
        const failed = ffmpeg.run({ ...command, source: 'http://host/a?sig=x' }, run);
        await expect(failed).rejects.toMatchObject({
          code: 'SOURCE_UNREACHABLE',
          cause: { message: 'ffmpeg ended with code 1: <source>: Server returned 404 Not Found' },
        });
      },
    );
  });

  it('ends a run that takes more memory than it may', async () => {
    // The shell doubles a string until it is more than the limit, and waits.
    const script = 's=0123456789abcdef; while [ ${#s} -lt 100000000 ]; do s=$s$s; done; sleep 60';
    await withScript(script, async (ffmpeg) => {
      await expect(ffmpeg.run(command, run)).rejects.toMatchObject({
        code: 'MEDIA_TOO_LARGE',
        message: 'The film needs more memory than this server gives it.',
      });
    });
  });

  it('ends a run that makes no progress, however talkative it is', async () => {
    const script = 'while :; do printf "frame=1\\nprogress=continue\\n"; sleep 0.05; done';
    await withScript(script, async (ffmpeg) => {
      await expect(ffmpeg.run(command, { ...run, stallMs: 300 })).rejects.toMatchObject({
        code: 'PROCESSING_TIMEOUT',
      });
    });
  });
});

describe('probe', () => {
  it('answers with the JSON that is printed', async () => {
    await withScript('printf \'{"argv":"%s"}\' "$*"', async (ffmpeg) => {
      const { argv } = (await ffmpeg.probe('/in.mp4', ['-show_format'], run)) as { argv: string };
      expect(argv).toMatch(
        /^-v warning -protocol_whitelist file .* -of json=compact=1 -show_format \/in\.mp4$/,
      );
    });
  });

  it('refuses an answer without end', async () => {
    await withScript('yes', async (ffmpeg) => {
      await expect(ffmpeg.probe('/in.mp4', [], run)).rejects.toMatchObject({ code: 'MEDIA_TOO_LARGE' });
    });
  });

  it('hands over any number of lines one by one', async () => {
    await withScript('for i in 1 2 3; do printf "$i,0.5\\n\\n"; done', async (ffmpeg) => {
      const lines: string[] = [];
      await ffmpeg.probeLines('/in.mp4', [], run, (line) => lines.push(line));
      expect(lines).toEqual(['1,0.5', '2,0.5', '3,0.5']);
    });
  });
});
