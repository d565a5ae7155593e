import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { buildProblem, checkFfmpeg, readBuild } from './check-ffmpeg.js';

const version =
  'ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc 12';
const encoders =
  ' Encoders:\n V..... = Video\n ------\n V....D libx264              H.264\n VFS... mjpeg   MJPEG\n A....D aac    AAC';

describe('checkFfmpeg', () => {
  it('reads the version and the encoders', () => {
    expect(readBuild(version, encoders)).toEqual({
      version: '5.1.9-0+deb12u1',
      encoders: ['=', 'libx264', 'mjpeg', 'aac'],
    });
    expect(readBuild('sox version 14', '')).toBeUndefined();
  });

  it.each([
    ['4.4.2', 'FFmpeg 4.4.2 is too old: install 5.1 or newer.'],
    ['5.0', 'FFmpeg 5.0 is too old: install 5.1 or newer.'],
    ['n7.1', undefined],
    ['10.0', undefined],
    ['N-117599-gabcdef', undefined],
  ])('judges version %s', (name, problem) => {
    expect(buildProblem({ version: name, encoders: ['libx264', 'aac', 'mjpeg'] })).toBe(problem);
  });

  it('names the encoders that are missing', () => {
    expect(buildProblem({ version: '6.0', encoders: ['mjpeg'] })).toBe(
      'FFmpeg 6.0 was built without libx264, aac: install a full build.',
    );
  });

  it('accepts the programs of this machine, and says in a line what is wrong with others', async () => {
    await expect(checkFfmpeg({ ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe' })).resolves.toMatch(/\d/);
    await expect(checkFfmpeg({ ffmpegPath: '/no/ffmpeg', ffprobePath: 'ffprobe' })).rejects.toThrow(
      '/no/ffmpeg cannot be started: install FFmpeg, or set the path to it.',
    );
    await expect(checkFfmpeg({ ffmpegPath: 'ffmpeg', ffprobePath: 'ffmpeg' })).rejects.toThrow(
      'ffmpeg is not ffprobe.',
    );
  });

  it('accepts a script that starts FFmpeg and keeps it quiet', async () => {
    const ffmpegPath = path.join(temporaryFolder(), 'ffmpeg');
    await writeFile(ffmpegPath, '#!/bin/sh\nexec ffmpeg -hide_banner -loglevel error "$@"\n', {
      mode: 0o755,
    });
    await expect(checkFfmpeg({ ffmpegPath, ffprobePath: 'ffprobe' })).resolves.toMatch(/\d/);
  });
});
