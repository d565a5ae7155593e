import { expect, it } from '@jest/globals';
import path from 'node:path';
import { posterCommand } from '../../processor/publish/poster-args.js';
import { corpus } from './corpus.js';
import { makeSource } from './make-source.js';
import { runTool } from './run-tool.js';
import { openTestFolder, testFfmpeg } from './transcode-film.js';

it('makes a JPEG of the size of the picture out of a local MP4 file', async () => {
  await using folder = await openTestFolder();
  const source = await makeSource(corpus.find(({ file }) => file === 'faststart.mp4')!);
  const target = path.join(folder.path, 'poster.jpg');
  const limits = { signal: new AbortController().signal, wallClockMs: 20_000, stallMs: 20_000 };
  await testFfmpeg().run(posterCommand({ source, target }), limits);
  const entries = ['-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0'];
  expect((await runTool('ffprobe', ['-v', 'error', ...entries, target])).toString().trim()).toBe(
    'mjpeg,640,360',
  );
}, 20_000);
