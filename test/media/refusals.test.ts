import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../schema/errors.js';
import { corpus } from './corpus.js';
import { makeSource } from './make-source.js';
import { startMediaServer, type MediaServer } from './media-server.js';
import { runTool } from './run-tool.js';
import { openTestFolder, planFilm, testFfmpeg, type TestFolder } from './transcode-film.js';

const ffmpeg = testFfmpeg();
let server: MediaServer;
let folder: TestFolder;

beforeAll(async () => {
  server = await startMediaServer();
  folder = await openTestFolder();
});
afterAll(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

async function refusal(name: string, contents: string | Buffer): Promise<string> {
  const file = path.join(folder.path, name);
  await writeFile(file, contents);
  return codeOf(planFilm(ffmpeg, server.urlOf(file)));
}

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'accepted',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

const source = (file: string): Promise<string> => makeSource(corpus.find((entry) => entry.file === file)!);

describe('what is not a film is refused with a code', () => {
  it('refuses text', async () => {
    expect(await refusal('notes.mp4', 'The quick brown fox.\n'.repeat(500))).toBe('UNSUPPORTED_MEDIA');
  });

  it('refuses an empty file', async () => {
    expect(await refusal('empty.mp4', '')).toBe('MEDIA_TRUNCATED');
  });

  it('refuses noise', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, n) => (n * 7919) % 251));
    expect(await refusal('noise.mp4', noise)).toBe('UNSUPPORTED_MEDIA');
  });

  it('refuses pictures', async () => {
    for (const name of ['still.png', 'still.jpg', 'still.gif']) {
      const file = path.join(folder.path, name);
      await runTool('ffmpeg', [
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc=s=64x64',
        '-frames:v',
        '1',
        file,
      ]);
      expect([name, await codeOf(planFilm(ffmpeg, server.urlOf(file)))]).toEqual([name, 'UNSUPPORTED_MEDIA']);
    }
  });

  it('refuses playlists and scripts that name other files, and asks for none of them', async () => {
    const target = server.urlOf(await source('faststart.mp4'));
    const scripts = {
      'playlist.mp4': `#EXTM3U\n#EXT-X-TARGETDURATION:8\n#EXTINF:8,\n${target}\n#EXT-X-ENDLIST\n`,
      'concat.mp4': `ffconcat version 1.0\nfile '${target}'\n`,
      'session.mp4':
        'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
      'manifest.mp4': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>${target}</BaseURL></Period></MPD>`,
    };
    for (const [name, contents] of Object.entries(scripts)) {
      expect([name, await refusal(name, contents)]).toEqual([name, 'UNSUPPORTED_MEDIA']);
    }
    expect(server.requestsTo(target)).toBe(0);
  });

  it('refuses files whose end was lost', async () => {
    for (const file of ['moov-last.mp4', 'surround.mkv']) {
      const whole = await readFile(await source(file));
      expect([file, await refusal(file, whole.subarray(0, whole.length / 2))]).toEqual([
        file,
        'MEDIA_TRUNCATED',
      ]);
    }
  });

  it('tells a source that is not there from one that is bad', async () => {
    const missing = server.urlOf(await source('faststart.mp4'), () => ({ status: 404 }));
    const closed = new URL(missing);
    closed.port = '1';
    expect(await codeOf(planFilm(ffmpeg, missing))).toBe('SOURCE_UNREACHABLE');
    expect(await codeOf(planFilm(ffmpeg, closed.href))).toBe('SOURCE_UNREACHABLE');
  }, 30_000);
});
