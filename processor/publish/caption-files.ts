import { parseCaptions } from '../../platform/captions/parse-captions.js';
import type { BlobContainer, PutOptions } from '../../platform/blob.js';
import type { GenerationRef } from '../../platform/generations.js';
import { captionsKey, generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import { type CaptionSet, noCaptions } from '../../schema/captions.js';
import { AppError } from '../../schema/errors.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { type Bandwidth, heaviest, noBandwidth } from './bandwidth.js';
import { captionBandwidth, captionPlaylist, captionSegments } from './caption-segments.js';

/** Segments written at the same time. */
const AT_ONCE = 8;

/** Captions of which all files are stored, and what the heaviest of them asks for. */
export type PublishedCaptions = CaptionSet & { bandwidth: Bandwidth };

/** None at all. */
export const noPublishedCaptions: PublishedCaptions = { ...noCaptions, bandwidth: noBandwidth };

/** Its playlist's metadata: what captions ask for cannot be told from their playlist alone. */
const metadataOf = ({ peakBps, averageBps }: Bandwidth): Record<string, string> => ({
  peak: String(peakBps),
  average: String(averageBps),
});

/** Older releases have not noted it. */
const bandwidthOf = ({ peak = '0', average = '0' }: Record<string, string>): Bandwidth => ({
  peakBps: Number(peak),
  averageBps: Number(average),
});

/** What captions of a film are published as. */
export interface CaptionFiles {
  /**
   * Stores the segments and the playlist of every track that has none yet. Any number of workers may do so at once:
   * the files follow from the track and the plan alone, and none is written over.
   * @throws AppError UNAVAILABLE, INTERNAL where a track has been removed in the meantime
   */
  publish(
    ref: GenerationRef,
    film: { plan: TranscodePlan; captions: CaptionSet },
    signal: AbortSignal,
  ): Promise<PublishedCaptions>;
}

export function createCaptionFiles(deps: { uploads: BlobContainer; hls: BlobContainer }): CaptionFiles {
  const { uploads, hls } = deps;

  const putOnce = (name: string, text: string, options: PutOptions): Promise<boolean> =>
    hls.put(name, Buffer.from(text), { ...options, ifMatch: null });

  /** @returns sizes of the segments, bytes */
  async function putSegments(segments: Iterator<string>, nameOf: (n: number) => string, signal: AbortSignal) {
    const sizes: number[] = [];
    async function putNext(): Promise<void> {
      for (let next = segments.next(); !next.done; next = segments.next()) {
        const number = sizes.push(Buffer.byteLength(next.value)) - 1;
        await putOnce(nameOf(number), next.value, { contentType: 'text/vtt', signal });
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, putNext));
    return sizes;
  }

  async function publishTrack(
    { videoId, generation }: GenerationRef,
    { id, plan }: { id: string; plan: TranscodePlan },
    signal: AbortSignal,
  ): Promise<Bandwidth> {
    const base = generationPrefix(videoId, generation);
    const playlist = base + hlsFiles.media(id);
    // It is written last.
    const stored = await hls.properties(playlist, signal);
    if (stored) return bandwidthOf(stored.metadata);
    const file = await uploads.get(captionsKey(videoId, id), signal);
    if (!file) throw new AppError('INTERNAL', {}, { cause: new Error(`the captions ${id} are gone`) });
    const segments = captionSegments(plan, parseCaptions(file));
    const sizes = await putSegments(segments, (number) => base + hlsFiles.captions(id, number), signal);
    const bandwidth = captionBandwidth(plan, sizes);
    const contentType = 'application/vnd.apple.mpegurl';
    const metadata = metadataOf(bandwidth);
    await putOnce(playlist, captionPlaylist(plan, id), { contentType, metadata, signal });
    return bandwidth;
  }

  return {
    async publish(ref, { plan, captions }, signal) {
      const bandwidths: Bandwidth[] = [];
      for (const { id } of captions.tracks) bandwidths.push(await publishTrack(ref, { id, plan }, signal));
      return { ...captions, bandwidth: heaviest(bandwidths) };
    },
  };
}
