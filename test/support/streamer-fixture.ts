import { createHash } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { PlaybackGrant } from '../../platform/playback-claims.js';
import type { VerifiedKey } from '../../platform/api-keys.js';
import type { RequestSource } from '../../platform/key-restrictions.js';
import { createTokens, type Tokens } from '../../platform/tokens.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import { createStreamer, type StreamerDeps } from '../../streamer/app.js';
import type { Body } from '../../platform/memory/body.js';
import { allocateBody } from '../../platform/memory/memory-file.js';
import { arrivedBlob } from '../../platform/arriving-blob.js';
import type { OpenBlob } from '../../platform/blob-reader.js';
import { createRevocationList, type RevocationList } from '../../streamer/revocation-list.js';
import type { Revocations } from '../../streamer/admission.js';
import type { Devices } from '../../streamer/stream-log/devices.js';
import { createSessionLog, type SessionLog } from '../../streamer/stream-log/session-log.js';
import type { PlayableVideo } from '../../streamer/video-store.js';

export const testKeys = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;
export const startTime = Date.parse('2026-03-01T10:20:30Z');

export interface MemoryBlob {
  body: Buffer;
  etag: string;
}

/** Blob storage in memory that counts its reads and fails on demand. */
export interface MemoryBlobs {
  files: Map<string, Buffer>;
  reads: string[];
  down: boolean;
  read: (key: string, signal: AbortSignal) => Promise<MemoryBlob | undefined>;
  /** What `read` brings, all of it there, in memory as the streamer has it. */
  open: OpenBlob;
  allocate: (length: number) => Body;
}

export function createMemoryBlobs(): MemoryBlobs {
  const blobs: MemoryBlobs = {
    files: new Map(),
    reads: [],
    down: false,
    allocate: allocateBody,
    read(key) {
      blobs.reads.push(key);
      if (blobs.down) return Promise.reject(new AppError('UNAVAILABLE'));
      const body = blobs.files.get(key);
      const etag = body && `"${createHash('sha1').update(body).digest('hex')}"`;
      return Promise.resolve(body && etag ? { body, etag } : undefined);
    },
    async open(key, signal) {
      const blob = await blobs.read(key, signal);
      if (!blob) return undefined;
      const body = blobs.allocate(blob.body.length);
      body.write(blob.body, 0);
      return { etag: blob.etag, arriving: arrivedBlob(body) };
    },
  };
  return blobs;
}

/** Of a streamer that has heard of no revocation. */
export const nothingRevoked: Revocations = { isRevoked: () => false, isComplete: () => true };

export interface StreamerFixture {
  app: FastifyInstance;
  tokens: Tokens;
  blobs: MemoryBlobs;
  videos: Map<string, PlayableVideo>;
  revocations: RevocationList;
  /** Ids of those that anybody may play. */
  publicVideos: Set<string>;
  apiKeys: Map<string, VerifiedKey>;
  /** From now on the database of videos does not answer. */
  failVideos(): void;
  /** From where keys were used, the last one last. */
  sources: RequestSource[];
  clock: { now: number };
  /** Everything the application logged, as text. */
  logged: () => string;
  /** Resolves with the next line of that which has this in it. */
  nextLine: (text: string) => Promise<string>;
  metrics: Registry;
  /** Of what was answered; nothing of it is stored. */
  sessions: SessionLog;
}

/** Of a streamer where everybody may watch on as many devices as they like. */
export const anyDevice: Devices = { admits: () => Promise.resolve(true) };

/** A stream log that nobody stores anything of. */
export const unstoredSessions = (now?: () => number): SessionLog =>
  createSessionLog({ hash: (text) => text, onDropped: () => undefined, now });

/**
 * A streamer whose surroundings are in memory, not listening; `publicStreamUrl` is `http://play.test`. `limits`: those
 * that are not the usual ones.
 */
export function createStreamerFixture(limits: Partial<StreamerDeps> = {}): StreamerFixture {
  const lines: string[] = [];
  const written = new EventEmitter();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      written.emit('line', chunk.toString());
      done();
    },
  });
  async function nextLine(text: string): Promise<string> {
    for await (const [line] of on(written, 'line') as AsyncIterable<[string]>)
      if (line.includes(text)) return line;
    throw new Error('nothing is logged any more');
  }
  const clock = { now: startTime };
  const now = () => clock.now;
  let isDown = false;
  const parts = {
    blobs: createMemoryBlobs(),
    tokens: createTokens({ keys: testKeys, now }),
    videos: new Map<string, PlayableVideo>(),
    revocations: createRevocationList(),
    publicVideos: new Set<string>(),
    apiKeys: new Map<string, VerifiedKey>(),
    sources: new Array<RequestSource>(),
    metrics: new Registry(),
    sessions: unstoredSessions(now),
  };
  const stored = (id: string): PlayableVideo | undefined => {
    const video = parts.videos.get(id);
    return video && parts.publicVideos.has(id) ? { ...video, project: { playbackPolicy: 'PUBLIC' } } : video;
  };
  const app = createStreamer({
    log: pino({ level: 'trace' }, sink),
    tokens: parts.tokens,
    openBlob: (key, signal) => parts.blobs.open(key, signal),
    cacheBytes: 1024 * 1024,
    videos: {
      findPlayable: (id) =>
        isDown ? Promise.reject(new AppError('UNAVAILABLE')) : Promise.resolve(stored(id)),
    },
    revocations: { ...nothingRevoked, isRevoked: (claims) => parts.revocations.isRevoked(claims) },
    apiKeys: {
      verify(credential, from = {}) {
        parts.sources.push(from);
        return Promise.resolve(parts.apiKeys.get(credential));
      },
    },
    publicStreamUrl: 'http://play.test',
    metrics: parts.metrics,
    sessions: parts.sessions,
    devices: anyDevice,
    checks: {},
    stopping: new AbortController().signal,
    now,
    ...limits,
  });
  return {
    app,
    clock,
    logged: () => lines.join(''),
    nextLine,
    failVideos: () => void (isDown = true),
    ...parts,
  };
}

/** Runs `work` on a {@link createStreamerFixture}, and closes it. */
export async function withStreamer(
  work: (streamer: StreamerFixture) => Promise<void>,
  limits: Partial<StreamerDeps> = {},
): Promise<void> {
  const streamer = createStreamerFixture(limits);
  try {
    await work(streamer);
  } finally {
    await streamer.app.close();
  }
}

export const master = [
  '#EXTM3U',
  '#EXT-X-VERSION:7',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="Audio 1",DEFAULT=YES,URI="a0/media.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="avc1.64001F,mp4a.40.2",AUDIO="aud"',
  'v360/media.m3u8',
  '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=80000,CODECS="avc1.64001F",URI="v360/iframes.m3u8"',
  '',
].join('\n');

const growing = '#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXTINF:4.000000,\ns00000.1.m4s\n';

/** The files of a small published generation, by name: one playlist has ended, the other still grows. */
export const publishedFiles = {
  [hlsFiles.master]: Buffer.from(master),
  [hlsFiles.media('v360')]: Buffer.from(growing),
  [hlsFiles.iframes('v360')]: Buffer.from(`${growing}#EXT-X-ENDLIST\n`),
  [hlsFiles.media('a0')]: Buffer.from(`${growing}#EXT-X-ENDLIST\n`),
  [hlsFiles.init('v360', 1)]: Buffer.from('init of v360'),
  [hlsFiles.segment('v360', 0, 1)]: Buffer.from('0123456789'),
  [hlsFiles.poster]: Buffer.from('poster'),
  [hlsFiles.storyboard]: Buffer.from('WEBVTT\n'),
  [hlsFiles.sprite(0, 1)]: Buffer.from('sprite'),
};

/** Puts {@link publishedFiles} into storage and returns what to ask for. */
export function publish(
  streamer: Pick<StreamerFixture, 'blobs' | 'tokens'>,
  {
    videoId = 'video_a',
    ...terms
  }: { videoId?: string } & Pick<PlaybackGrant, 'audience' | 'viewer' | 'origins'> = {},
) {
  const generation = 1;
  const grant = { videoId, generation, expiresAt: new Date(startTime + 3_600_000), ...terms };
  const prefix = generationPrefix(videoId, generation);
  for (const [name, body] of Object.entries(publishedFiles)) streamer.blobs.files.set(prefix + name, body);
  const media = streamer.tokens.sealMedia(grant);
  const entry = streamer.tokens.sealEntry(grant);
  return {
    prefix,
    entry,
    media,
    entryUrl: `/stream/${entry}.m3u8`,
    mediaUrl: (file: string) => `/stream/${media}/${file}`,
  };
}
