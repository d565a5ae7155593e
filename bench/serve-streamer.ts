import { connectBlobContainer, type BlobContainer } from '../platform/blob.js';
import { createReadUrls, type ReadUrls } from '../platform/read-urls.js';
import type { Tokens } from '../platform/tokens.js';
import { generationPrefix, hlsFiles } from '../schema/blob-paths.js';
import { builtProgram, createService, serviceUrl, takePorts } from '../local/services.js';
import { startStack } from '../local/stack.js';
import { startSettings } from '../local/start-settings.js';

const KB = 1000;
const noise = (bytes: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 7919 + seed * 104_729) % 251));

/** A playlist of some 2 KB, as of a film of five minutes. */
const playlist = [
  '#EXTM3U',
  '#EXT-X-VERSION:7',
  '#EXT-X-TARGETDURATION:4',
  '#EXT-X-PLAYLIST-TYPE:VOD',
  '#EXT-X-MAP:URI="init.1.mp4"',
  ...Array.from({ length: 60 }, (_, n) => `#EXTINF:4.000000,\ns${String(n).padStart(5, '0')}.1.m4s`),
  '#EXT-X-ENDLIST',
  '',
].join('\n');

export const SMALL_SEGMENTS = 20;

/** What both servers serve, by name. */
export const servedFiles: Readonly<Record<string, Buffer>> = {
  [hlsFiles.media('v720')]: Buffer.from(playlist),
  [hlsFiles.segment('v720', 0, 1)]: noise(1000 * KB, 0),
  ...Object.fromEntries(
    Array.from({ length: SMALL_SEGMENTS }, (_, n) => [hlsFiles.segment('v360', n, 1), noise(200 * KB, n)]),
  ),
};

/** Videos of one segment each: together twice what the cache holds. */
export const CROWD = 2_000;
export const CACHE_BYTES = 256 * 1024 * 1024;
export const crowdSegment = hlsFiles.segment('v360', 0, 1);
const crowdBody = noise(256 * 1024, 1);

/** Videos of a segment of 1 MB that nobody has asked for. */
export const COLD = 800;
export const coldSegment = hlsFiles.segment('v720', 0, 1);

export interface BenchStreamer {
  readonly url: string;
  readonly pid: number;
  readonly hls: BlobContainer;
  /** Of its container. */
  readonly readUrls: ReadUrls;
  /** Of a file of {@link servedFiles}, or of another video. */
  urlOf: (file: string, videoId?: string) => string;
  stop(): Promise<void>;
}

/** The streamer as it is deployed, on servers of its own. */
export async function startBenchStreamer(options: {
  dataDir: string;
  keys: string;
  tokens: Tokens;
}): Promise<BenchStreamer> {
  const { dataDir, keys, tokens } = options;
  const stack = await startStack({ dataDir });
  const { AZURE_STORAGE_CONNECTION_STRING: connectionString = '' } = stack.env;
  const hls = connectBlobContainer({ connectionString, container: 'hls' });
  await hls.ensure();
  const stopping = new AbortController();
  const ports = await takePorts(startSettings({ ...process.env, STREAMER_PORT: '0', GATEWAY_PORT: '0' }));
  const service = createService('streamer', {
    ...{ settings: ports, dataDir, programArgs: builtProgram, watchdog: stack.watchdog },
    env: {
      ...{ ...process.env, ...stack.env, LOG_LEVEL: 'info', STREAM_KEYS: keys },
      ...{ STREAMER_PORT: String(ports.STREAMER_PORT), SEGMENT_CACHE_BYTES: String(CACHE_BYTES) },
    },
    warn: (line) => console.error(line),
    signal: stopping.signal,
  });
  await service.start();
  const expiresAt = new Date(Date.now() + 24 * 3_600_000);
  const url = serviceUrl(ports, 'streamer');
  return {
    ...{ url, pid: service.pid ?? 0, hls, readUrls: createReadUrls({ connectionString, container: 'hls' }) },
    urlOf: (file, videoId = 'video_bench') =>
      `${url}/stream/${tokens.sealMedia({ videoId, generation: 1, expiresAt })}/${file}`,
    async stop() {
      stopping.abort();
      await service.stop();
      await stack.stop();
    },
  };
}

/** Writes with a few requests at a time. */
export async function fillStorage(hls: BlobContainer): Promise<void> {
  const contentType = 'application/octet-stream';
  const master = Buffer.from('#EXTM3U\n');
  const films: [string, Readonly<Record<string, Buffer>>][] = [
    ['video_bench', servedFiles],
    ...numbered('video_crowd', CROWD, { [crowdSegment]: crowdBody }),
    ...numbered('video_cold', COLD, { [coldSegment]: noise(1000 * KB, 2) }),
  ];
  const left = films.values();
  const write = async (): Promise<void> => {
    for (const [videoId, files] of left) {
      const prefix = generationPrefix(videoId, 1);
      for (const [name, body] of Object.entries({ ...files, [hlsFiles.master]: master }))
        await hls.put(prefix + name, body, { contentType });
    }
  };
  await Promise.all(Array.from({ length: 8 }, write));
}

const numbered = (name: string, count: number, files: Record<string, Buffer>): [string, typeof files][] =>
  Array.from({ length: count }, (_, n) => [`${name}${n}`, files]);
