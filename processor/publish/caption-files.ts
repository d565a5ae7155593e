import { parseCaptions } from '../../platform/captions/parse-captions.js';
import type { BlobContainer } from '../../platform/blob.js';
import type { GenerationRef } from '../../platform/generations.js';
import { captionsKey, generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import type { CaptionTrack } from '../../schema/captions.js';
import { AppError } from '../../schema/errors.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { captionPlaylist, captionSegments } from './caption-segments.js';

/** Segments written at the same time. */
const AT_ONCE = 8;

/** What captions of a film are published as. */
export interface CaptionFiles {
  /**
   * Stores the segments and the playlist of every track that has none yet. Any number of workers may do so at once:
   * the files follow from the track and the plan alone, and none is written over.
   * @throws AppError UNAVAILABLE, INTERNAL where a track has been removed in the meantime
   */
  publish(
    ref: GenerationRef,
    film: { plan: TranscodePlan; tracks: readonly CaptionTrack[] },
    signal: AbortSignal,
  ): Promise<void>;
}

export function createCaptionFiles(deps: { uploads: BlobContainer; hls: BlobContainer }): CaptionFiles {
  const { uploads, hls } = deps;

  const putOnce = (name: string, text: string, contentType: string, signal: AbortSignal): Promise<boolean> =>
    hls.put(name, Buffer.from(text), { contentType, ifMatch: null, signal });

  async function publishTrack(
    { videoId, generation }: GenerationRef,
    { id, plan }: { id: string; plan: TranscodePlan },
    signal: AbortSignal,
  ): Promise<void> {
    const base = generationPrefix(videoId, generation);
    const playlist = base + hlsFiles.media(id);
    // It is written last.
    if (await hls.properties(playlist, signal)) return;
    const file = await uploads.get(captionsKey(videoId, id), signal);
    if (!file) throw new AppError('INTERNAL', {}, { cause: new Error(`the captions ${id} are gone`) });
    const segments = captionSegments(plan, parseCaptions(file));
    let number = 0;
    async function putNext(): Promise<void> {
      for (let next = segments.next(); !next.done; next = segments.next()) {
        const name = base + hlsFiles.captions(id, number++);
        await putOnce(name, next.value, 'text/vtt', signal);
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, putNext));
    await putOnce(playlist, captionPlaylist(plan, id), 'application/vnd.apple.mpegurl', signal);
  }

  return {
    async publish(ref, { plan, tracks }, signal) {
      for (const { id } of tracks) await publishTrack(ref, { id, plan }, signal);
    },
  };
}
