import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ladder } from '../schema/ladder.js';
import { cpuSeconds } from './cpu-time.js';

export interface Cost {
  wallSeconds: number;
  cpuSeconds: number;
}

const SEGMENT_SECONDS = 4;
const FRAME_RATE = 30;

/** The alternative: one FFmpeg process for the whole film, same renditions and settings, to local HLS. */
function wholeFileArguments(source: string, folder: string): string[] {
  const rungs = ladder.filter(({ height }) => height <= 1080);
  const splits = rungs.map((_, index) => `[i${index}]`).join('');
  const scales = rungs.map(
    ({ height }, index) =>
      `[i${index}]scale=${2 * Math.round((height * 8) / 9)}:${height}:flags=bicubic,setsar=1,format=yuv420p[v${index}]`,
  );
  const gop = String(SEGMENT_SECONDS * FRAME_RATE);
  const hls = (name: string) => [
    ...['-f', 'hls', '-hls_time', String(SEGMENT_SECONDS), '-hls_playlist_type', 'vod'],
    ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', `${name}.mp4`],
    ...['-hls_segment_filename', path.join(folder, `${name}-%05d.m4s`), path.join(folder, `${name}.m3u8`)],
  ];
  const videos = rungs.flatMap(({ maxRateKbps }, index) => [
    ...['-map', `[v${index}]`, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high'],
    ...['-maxrate', `${maxRateKbps}k`, '-bufsize', `${2 * maxRateKbps}k`, '-sc_threshold', '0'],
    ...['-g', gop, '-keyint_min', gop, ...hls(`v${index}`)],
  ]);
  const audio = ['-map', '0:a', '-c:a', 'aac', '-b:a', '128k', '-ac', '2', ...hls('a0')];
  const graph = [`[0:v]split=${rungs.length}${splits}`, ...scales].join(';');
  return ['-v', 'error', '-nostdin', '-y', '-i', source, '-filter_complex', graph, ...videos, ...audio];
}

/** What one FFmpeg needs for the whole film. */
export async function encodeWholeFile(source: string): Promise<Cost> {
  const folder = await mkdtemp(path.join(tmpdir(), 'whole-file-'));
  const before = cpuSeconds(process.pid);
  const own = process.cpuUsage();
  const startedAt = performance.now();
  try {
    const child = spawn('ffmpeg', wholeFileArguments(source, folder), {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const used = process.cpuUsage(own);
    const ownSeconds = (used.user + used.system) / 1e6;
    return { wallSeconds, cpuSeconds: cpuSeconds(process.pid) - before - ownSeconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
