import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hlsFiles } from '../../schema/blob-paths.js';
import { initBytes, segmentBytes } from '../../test/media/mp4-bytes.js';
import { audioFixture, planFixture, probeFixture, videoFixture } from '../../test/media/probe-fixture.js';
import { encodeChunk, type EncodeDeps, type EncodeRequest } from './encode-chunk.js';
import type { FfmpegCommand, RunOptions, RunResult } from './ffmpeg.js';

const picture = videoFixture({ width: 426, height: 240, r_frame_rate: '25/1', avg_frame_rate: '25/1' });
const plan = planFixture(probeFixture([picture, audioFixture()]), { segmentSeconds: 1, chunkSeconds: 2 });
const chunk = plan.chunks[1]!;
const init = initBytes({ timescale: 90_000, size: { width: 426, height: 240 } });
const segment = (n: number, frames = 25): Buffer =>
  segmentBytes({ tfdt: n * 90_000, durations: Array<number>(frames).fill(3600) });

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);

let tempDir: string;
let uploads: Map<string, Buffer>;

beforeEach(async () => {
  tempDir = await mkdtemp(path.join(tmpdir(), 'stream-plus-encode-'));
  uploads = new Map();
});
afterEach(() => rm(tempDir, { recursive: true }));

type Script = (trackDir: string, options: RunOptions) => Promise<unknown>;

/** Encodes the picture of the second chunk, frames 25 to 75, with a script in place of FFmpeg. */
async function encode(
  script: Script,
  request: Partial<EncodeRequest> = {},
  deps: Partial<EncodeDeps> = {},
  stderrTail = '',
) {
  const run = async ({ outputs }: FfmpegCommand, options: RunOptions): Promise<RunResult> => {
    await writeFile(path.join(path.dirname(path.dirname(outputs[0]!.target)), 'sprite.jpg'), jpeg);
    await script(path.dirname(outputs[0]!.target), options);
    return { frames: 50, wallMs: 1, stderrTail };
  };
  const upload = (name: string, body: Buffer): Promise<void> => Promise.resolve(void uploads.set(name, body));
  const signal = new AbortController().signal;
  return encodeChunk(
    {
      ...{ ffmpeg: { run }, tempDir, upload, log: { debug: () => undefined } },
      ...{ wallClockMs: 60_000, stallMs: 60_000, ...deps },
    },
    { plan, chunk, part: 'ALL', trackNames: ['v240'], sourceUrl: 'x', attempt: 3, signal, ...request },
  );
}

/** As FFmpeg finishes a segment: written under another name, then renamed. */
async function finish(dir: string, n: number, bytes = segment(n)): Promise<void> {
  const file = path.join(dir, `s${String(n).padStart(5, '0')}.m4s`);
  await writeFile(`${file}.tmp`, bytes);
  await rename(`${file}.tmp`, file);
}

const whole: Script = async (dir) => {
  await writeFile(path.join(dir, 'init.mp4'), init);
  await finish(dir, 1);
  await finish(dir, 2);
};

describe('encodeChunk', () => {
  it('uploads the segments under names of the attempt, and reports what they are', async () => {
    const result = await encode(whole);
    expect(result).toMatchObject({
      ...{ chunkIndex: 1, part: 'ALL', attempt: 3, sprite: { columns: 2, tileWidth: 160, tileHeight: 90 } },
      tracks: [
        {
          name: 'v240',
          codecs: 'avc1.64001F',
        },
      ],
    });
    expect(result.tracks[0]!.initSha256).toMatch(/^[0-9a-f]{64}$/);
    const { length: bytes } = segment(1);
    const keyFrameEnd = bytes - 24 * 100;
    expect(result.tracks[0]!.segments).toEqual([
      { ticks: 90_000, bytes, keyFrameEnd },
      { ticks: 90_000, bytes, keyFrameEnd },
    ]);
    expect([...uploads.keys()].sort()).toEqual([
      hlsFiles.sprite(1, 3),
      hlsFiles.segment('v240', 1, 3),
      hlsFiles.segment('v240', 2, 3),
    ]);
    expect(await readdir(tempDir)).toEqual([]);
  });

  it('uploads a segment while the next one is being made', async () => {
    const { promise: uploaded, resolve } = Promise.withResolvers<string>();
    const upload = (name: string): Promise<void> => Promise.resolve(resolve(name));
    const waiting: Script = async (dir) => {
      await writeFile(path.join(dir, 'init.mp4'), init);
      await finish(dir, 1);
      expect(await uploaded).toBe(hlsFiles.segment('v240', 1, 3));
      await finish(dir, 2);
    };
    expect((await encode(waiting, {}, { upload })).tracks[0]!.segments).toHaveLength(2);
  });

  it('publishes the init segment with the opener alone, and no thumbnails with the rest', async () => {
    const opener: Script = async (dir) => {
      await writeFile(path.join(dir, 'init.mp4'), init);
      await finish(dir, 0);
    };
    const result = await encode(opener, { chunk: plan.chunks[0]!, part: 'REST' });
    expect(uploads.get(hlsFiles.init('v240', 3))).toEqual(init);
    expect(result.sprite).toBeUndefined();
    expect([...uploads.keys()].some((name) => name.startsWith('sprites/'))).toBe(false);
  });

  it('takes an end without error for a failure when frames are missing', async () => {
    const short: Script = async (dir) => {
      await writeFile(path.join(dir, 'init.mp4'), init);
      await finish(dir, 1);
      await finish(dir, 2, segment(2, 11));
    };
    const missing = [{ track: 'v240', expected: 50, found: 36 }];
    await expect(encode(short)).rejects.toMatchObject({
      code: 'MEDIA_TRUNCATED',
      details: { chunkIndex: 1, missing },
    });
    await expect(encode(short, {}, {}, 'HTTP error 403 Forbidden')).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
    });
    await expect(encode(short, {}, {}, 'write: No space left on device')).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    const nothing = encode(() => Promise.resolve());
    await expect(nothing).rejects.toMatchObject({ details: { missing: [{ expected: 50, found: 0 }] } });
  });

  it('takes segments that are whole but wrong for our own fault', async () => {
    const shifted: Script = async (dir) => {
      await writeFile(path.join(dir, 'init.mp4'), init);
      await finish(dir, 1, segmentBytes({ tfdt: 90_001, durations: Array<number>(25).fill(3600) }));
      await finish(dir, 2);
    };
    await expect(encode(shifted)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(encode((dir) => finish(dir, 1, Buffer.from('no boxes')))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    expect(await readdir(tempDir)).toEqual([]);
  });

  it('does not blame the film for files that a full disk has left empty, or half a picture', async () => {
    const full: Script = async (dir) => {
      await writeFile(path.join(dir, 'init.mp4'), init);
      await finish(dir, 1);
      await finish(dir, 2, Buffer.alloc(0));
    };
    await expect(encode(full)).rejects.toMatchObject({ code: 'INTERNAL' });
    const half: Script = async (dir, options) => {
      await whole(dir, options);
      await writeFile(path.join(dir, '../sprite.jpg'), jpeg.subarray(0, 3));
    };
    await expect(encode(half)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect([...uploads.keys()].filter((name) => name.startsWith('sprites/'))).toEqual([]);
  });

  it('stops FFmpeg as soon as an upload fails', async () => {
    const full = new Error('full');
    const untilStopped: Script = async (dir, { signal }) => {
      await finish(dir, 1);
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    };
    await expect(encode(untilStopped, {}, { upload: () => Promise.reject(full) })).rejects.toBe(full);
    expect(await readdir(tempDir)).toEqual([]);
  });

  it('holds a bounded number of segments in memory', async () => {
    let inFlight = 0;
    let most = 0;
    const upload = async (): Promise<void> => {
      most = Math.max(most, (inFlight += 1));
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
    };
    const many: Script = async (dir) => {
      for (let n = 0; n < 20; n += 1) await finish(dir, n);
    };
    await expect(encode(many, {}, { upload })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(most).toBeLessThanOrEqual(4);
  });

  it('does nothing for a signal that is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(encode(whole, { signal })).rejects.toThrow('stop');
    expect(uploads.size).toBe(0);
  });

  it('reports frames over all video tracks', async () => {
    const reports: number[] = [];
    const reporting: Script = async (dir, options) => {
      options.onProgress?.({ frames: 20, outTimeMs: 800, speed: 1, totalBytes: 1 });
      await whole(dir, options);
    };
    await encode(reporting, { onProgress: ({ frames }) => reports.push(frames) });
    expect(reports).toEqual([20]);
  });
});
