import type { UploadEvent } from '../cli/upload-video.js';
import { residentBytes } from '../processor/transcode/memory-watch.js';
import { film } from './films.js';
import { startBenchPlatform, type BenchPlatform } from './platform.js';
import type { Figure } from './report.js';

const MB = 1e6;
/** Published lengths are rounded. */
const ROUNDING_SECONDS = 0.1;

interface Start {
  /** From the end of the upload to the first playable segment. */
  playableSeconds: number;
  /** The least by which the published film was ahead of a viewer who started at once, until it was whole. */
  leastLeadSeconds: number;
  /** By how much the gateway's memory grew while it took the upload. */
  gatewayGrowthBytes: number;
}

/**
 * Uploads a film and watches it until all of it can be played, with the processor that a two-core machine
 * would have.
 */
async function watchStart(platform: BenchPlatform, file: string, filmSeconds: number): Promise<Start> {
  const done = new AbortController();
  const gatewayPid = platform.gateway.pid ?? 0;
  const rssNow = (): number => residentBytes(gatewayPid) ?? 0;
  const rssBefore = rssNow();
  let rssPeak = rssBefore;
  let uploadedAt = 0;
  let playableAt = 0;
  let playableSeconds = 0;
  let leastLeadSeconds = Infinity;

  const onEvent = (event: UploadEvent): void => {
    const now = performance.now();
    if (event.type === 'upload') rssPeak = Math.max(rssPeak, rssNow());
    if (event.type === 'uploaded') uploadedAt = now;
    if (event.type !== 'progress' || !event.playable) return;
    if (playableAt === 0) playableAt = now;
    // The lead is at its least just before more of the film is published.
    else leastLeadSeconds = Math.min(leastLeadSeconds, playableSeconds - (now - playableAt) / 1000);
    playableSeconds = event.playableSeconds;
    if (playableSeconds >= filmSeconds - ROUNDING_SECONDS) done.abort();
  };
  await platform.upload({ file, exitOn: 'ready', signal: done.signal, onEvent }).catch((error: unknown) => {
    if (!done.signal.aborted) throw error;
  });
  return {
    playableSeconds: (playableAt - uploadedAt) / 1000,
    leastLeadSeconds,
    gatewayGrowthBytes: rssPeak - rssBefore,
  };
}

/** How soon films play, whether playback would ever stall, and what a large upload costs the gateway. */
export async function measurePlayable(folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { minutes, atMost } of [
    { minutes: 10, atMost: 5 },
    { minutes: 60, atMost: 6 },
  ]) {
    const source = await film(folder, minutes);
    const platform = await startBenchPlatform({ processors: [{}] });
    try {
      const start = await watchStart(platform, source, minutes * 60);
      figures.push(
        {
          name: `${minutes} min: playable after the upload`,
          value: start.playableSeconds,
          unit: 's',
          atMost,
        },
        {
          name: `${minutes} min: a viewer's longest wait, to the end`,
          value: Math.max(0, -start.leastLeadSeconds),
          unit: 's',
          atMost: 0,
        },
        {
          name: `${minutes} min: growth of the gateway during the upload`,
          value: start.gatewayGrowthBytes / MB,
          unit: 'MB',
          atMost: 100,
        },
      );
    } finally {
      await platform.stop();
    }
  }
  return figures;
}
