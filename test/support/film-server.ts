import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { masterPlaylist } from '../../processor/publish/master-playlist.js';
import { mediaPlaylist } from '../../processor/publish/media-playlist.js';
import { publishedPrefix } from '../../processor/publish/published-prefix.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import { readRequestHead } from '../../streamer/wire/request-head.js';
import { type Film, testFfmpeg, transcodeFilm } from '../media/transcode-film.js';
import { makeFilm } from './platform-film.js';
import { playableVideo } from './public-video.js';
import { createStreamerFixture, type StreamerFixture } from './streamer-fixture.js';

export const FILM = { seconds: 6, fps: 25, heights: [360, 240] } as const;

/** A film of {@link FILM}, whose pictures carry their numbers, made as the services do, without them. */
export async function makePublishedFilm(root: string): Promise<Film> {
  await mkdir(root, { recursive: true });
  const source = await makeFilm(root, { name: 'film', size: '640x360', ...FILM });
  return transcodeFilm(testFfmpeg(), source, { root, segmentSeconds: 1, chunkSeconds: 2 });
}

/** A film on a server. */
export interface ServedFilm {
  videoId: string;
  /** Fresh each time, good for a minute and then to the end of the hour, by the server's clock. */
  token(): string;
  /** The rest of a film that grows. */
  finish(): void;
}

/** A streamer that listens, with films in memory and a clock that stands still. */
export interface FilmServer extends StreamerFixture {
  /** Where it listens: `http://127.0.0.1:<port>`. */
  address: string;
  /** As a whole, or grown to so many chunks. */
  publish(film: Film, chunks?: number): ServedFilm;
  /** Once a file with this in its name is asked for, and before that is answered, all tokens expire. */
  expireAt(name: string): void;
  /** Removes the files of a film with this in their names from storage, for a while. */
  takeAway(film: ServedFilm, name: string): { bringBack(): void };
  /** How often a file with this in its name was asked for. */
  requestsOf(name: string): number;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export async function startFilmServer(): Promise<FilmServer> {
  const streamer = createStreamerFixture();
  const { app, clock } = streamer;
  const asked: string[] = [];
  let expiring: string | undefined;
  function noteAsked(url: string): void {
    asked.push(url);
    if (expiring === undefined || !url.includes(expiring)) return;
    expiring = undefined;
    clock.now += 2 * HOUR_MS;
  }
  app.addHook('onRequest', ({ url }, _reply, done) => {
    noteAsked(url);
    done();
  });
  // Those that Fastify does not see.
  app.server.prependListener('connection', (socket) => {
    socket.on('data', (bytes: Buffer) => {
      const head = readRequestHead(bytes);
      if (head) noteAsked(head.url);
    });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    ...streamer,
    address: `http://127.0.0.1:${port}`,
    publish: (film, chunks) => publish(streamer, film, chunks),
    expireAt: (name) => void (expiring = name),
    takeAway({ videoId }, name) {
      const { files } = streamer.blobs;
      const taken = [...files].filter(([key]) => key.startsWith(`${videoId}/`) && key.includes(name));
      for (const [key] of taken) files.delete(key);
      return {
        bringBack() {
          for (const [key, body] of taken) files.set(key, body);
        },
      };
    },
    requestsOf: (name) => asked.filter((url) => url.includes(name)).length,
    close: () => app.close(),
  };
}

function publish({ blobs, clock, tokens, videos }: StreamerFixture, film: Film, chunks?: number): ServedFilm {
  const video = playableVideo({ status: chunks === undefined ? 'READY' : 'PROCESSING' });
  videos.set(video._id, video);
  const base = generationPrefix(video._id, video.generation);
  const put = (name: string, body: string | Buffer | undefined): void => {
    if (body !== undefined) blobs.files.set(base + name, Buffer.from(body));
  };
  const names = readdirSync(film.dir, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((file) => /\.(mp4|m4s|jpg)$|^storyboard\.vtt$/.test(file)))
    put(name, readFileSync(path.join(film.dir, name)));
  put(hlsFiles.poster, blobs.files.get(base + hlsFiles.sprite(0, 1)));
  const named = { ...film, videoId: video._id };
  putPlaylists(named, put, chunks);
  return {
    videoId: video._id,
    token: () => {
      const expiresAt = new Date(clock.now + MINUTE_MS);
      return tokens.sealEntry({ videoId: video._id, generation: video.generation, expiresAt });
    },
    finish() {
      putPlaylists(named, put);
      // What is held of the playlists is not current any more.
      clock.now += MINUTE_MS / 60;
    },
  };
}

function putPlaylists(
  { plan, results, videoId }: Film & { videoId: string },
  put: (name: string, body: string | undefined) => void,
  chunks?: number,
): void {
  const ended = chunks === undefined;
  const published = ended ? results : results.filter(({ chunkIndex }) => chunkIndex < chunks);
  const prefix = publishedPrefix(plan, published);
  for (const [name, done] of prefix) put(hlsFiles.media(name), mediaPlaylist({ plan, chunks: done, ended }));
  put(hlsFiles.master, masterPlaylist({ videoId, plan, prefix, ended }));
}
