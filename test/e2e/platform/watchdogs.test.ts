import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DeadLetter } from '../../../schema/dead-letter.js';
import { Job } from '../../../schema/job.js';
import { makeFilm } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { outcomes, storedFiles, untilGone } from '../../support/platform-jobs.js';
import type { Settings } from '../../support/platform-service.js';

let platform: Platform;
let film: string;

beforeAll(async () => {
  platform = await startPlatform({ settings: { MAX_ATTEMPTS: '2' } });
  film = await makeFilm(platform.dataDir, { name: 'film', seconds: 1, size: '64x36' });
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

/** An FFmpeg that does as the shell says when it is to encode a chunk; it notes its process id. */
async function makeFfmpeg(name: string, shell: string): Promise<{ program: string; pids: string }> {
  const program = path.join(platform.dataDir, name);
  const pids = `${program}.pids`;
  const encoding = `*" hls "*) echo $$ >> '${pids}'; ${shell} ;;`;
  await writeFile(program, `#!/bin/sh\ncase " $* " in\n${encoding}\nesac\nexec ffmpeg "$@"\n`);
  await chmod(program, 0o755);
  return { program, pids };
}

/** What becomes of the film on a processor with this FFmpeg. */
async function failWith(ffmpeg: { program: string; pids: string }, settings: Settings) {
  const processor = await platform.startProcessor({ FFMPEG_PATH: ffmpeg.program, ...settings });
  try {
    const videoId = await platform.client.upload(film);
    const events = await platform.client.follow(videoId).completed;
    const pids = (await readFile(ffmpeg.pids, 'utf8')).trim().split('\n').map(Number);
    await untilGone(pids);
    const folder = path.join(platform.dataDir, 'tmp', `processor-${processor.pid}`);
    return { videoId, last: events.at(-1), runs: pids.length, left: await readdir(folder) };
  } finally {
    await processor.stop();
  }
}

async function expectNothingLeft(videoId: string): Promise<void> {
  expect(await storedFiles(platform, videoId)).toEqual([]);
  expect(await platform.client.playback(videoId)).toBeNull();
}

describe('an FFmpeg', () => {
  it('that makes no progress is ended, tried again, and fails its video in the end', async () => {
    const stuck = await makeFfmpeg('stuck-ffmpeg', 'exec sleep 600');
    const { videoId, last, runs, left } = await failWith(stuck, { FFMPEG_STALL_SECONDS: '1' });
    expect(last).toMatchObject({ status: 'FAILED', error: { code: 'PROCESSING_TIMEOUT', retryable: true } });
    expect([runs, left]).toEqual([2, []]);
    await expectNothingLeft(videoId);
    const [job] = await platform.db.model(Job).find({ videoId, kind: 'CHUNK' }).lean();
    expect(job && outcomes(job)).toEqual(['FAILED', 'FAILED']);
    expect(job?.runs.at(-1)).toMatchObject({ errorCode: 'PROCESSING_TIMEOUT' });
  }, 60_000);

  it('that takes more memory than it may is ended, and its video fails at once', async () => {
    const script = 's=0123456789abcdef; while [ ${#s} -lt 200000000 ]; do s=$s$s; done; exec sleep 600';
    const greedy = await makeFfmpeg('greedy-ffmpeg', script);
    const limit = String(96 * 1024 ** 2);
    const { videoId, last, runs, left } = await failWith(greedy, { FFMPEG_MAX_MEMORY_BYTES: limit });
    expect(last).toMatchObject({ status: 'FAILED', error: { code: 'MEDIA_TOO_LARGE', retryable: false } });
    expect([runs, left]).toEqual([1, []]);
    await expectNothingLeft(videoId);
    expect(await platform.db.model(DeadLetter).findOne({ videoId }).lean()).toMatchObject({
      ...{ state: 'OPEN', code: 'MEDIA_TOO_LARGE', attempts: 1, origin: { jobKind: 'CHUNK' } },
      detail: expect.stringContaining('bytes in memory'),
    });
  }, 60_000);

  it('that runs for too long is ended', async () => {
    const busy = await makeFfmpeg(
      'busy-ffmpeg',
      'n=0; while :; do n=$((n+1)); printf "frame=$n\\nprogress=continue\\n"; sleep 0.1; done',
    );
    const { last, runs } = await failWith(busy, { FFMPEG_MAX_SECONDS: '1' });
    expect(last).toMatchObject({ status: 'FAILED', error: { code: 'PROCESSING_TIMEOUT' } });
    expect(runs).toBe(2);
  }, 60_000);
});
