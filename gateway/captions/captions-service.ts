import type { Readable } from 'node:stream';
import { parseCaptions } from '../../platform/captions/parse-captions.js';
import { webVtt } from '../../platform/captions/web-vtt.js';
import type { BlobContainer } from '../../platform/blob.js';
import type { JobQueue } from '../../platform/job-queue.js';
import { languageName, languageTag } from '../../platform/languages.js';
import type { Logger } from '../../platform/logger.js';
import { captionsKey } from '../../schema/blob-paths.js';
import { CaptionsKind, type CaptionTrack } from '../../schema/captions.js';
import { AppError } from '../../schema/errors.js';
import { newId } from '../../schema/ids.js';
import type { Video } from '../../schema/video.js';
import { type Caller, requirePermission } from '../auth/caller.js';
import { meteredSource } from '../uploads/metered-source.js';
import { displayText } from '../videos/display-text.js';
import type { VideoStore } from '../videos/video-store.js';
import { addTrack, removeTrack } from './caption-tracks.js';
import { type CaptionsStore, requireReceived } from './captions-store.js';
import type { AddCaptionsInput, RemoveCaptionsArgs } from './captions-inputs.js';

/** As much as captions of a long film with a time for each word take. */
const MAX_BYTES = 4 * 1024 ** 2;
/** A sender that pauses for longer has gone away, milliseconds. */
const IDLE_MS = 30_000;

export interface CaptionsService {
  /**
   * Stores a WebVTT or SubRip file as captions of a video, in place of those in the same language.
   * @param open opens the file once it is to be read
   * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT (status), BAD_USER_INPUT (field, line), UPLOAD_TOO_LARGE (limitBytes),
   * UPLOAD_ABORTED, UNAVAILABLE
   */
  add(input: AddCaptionsInput, open: () => Readable, caller: Caller): Promise<Video>;
  /** @throws AppError NOT_FOUND, also where there are none in this language; FORBIDDEN, CONFLICT, BAD_USER_INPUT */
  remove(args: RemoveCaptionsArgs, caller: Caller): Promise<Video>;
}

export function createCaptionsService(deps: {
  videos: Pick<VideoStore, 'find'>;
  store: CaptionsStore;
  blobs: BlobContainer;
  jobQueue: Pick<JobQueue, 'hint'>;
  log: Logger;
}): CaptionsService {
  const { store, blobs } = deps;

  async function find(videoId: string, caller: Caller): Promise<Video> {
    const video = await deps.videos.find(videoId, caller);
    if (!video) throw new AppError('NOT_FOUND');
    requirePermission(caller, 'video:write', video);
    requireReceived(video);
    return video;
  }

  async function change(videoId: string, edit: Parameters<CaptionsStore['change']>[1]): Promise<Video> {
    const { video, dropped, jobIds } = await store.change(videoId, edit);
    void deps.jobQueue.hint(jobIds);
    await Promise.all(dropped.map(({ id }) => discard(videoId, id)));
    return video;
  }

  /** What cannot be removed now goes with its video. */
  async function discard(videoId: string, id: string): Promise<void> {
    try {
      await blobs.delete(captionsKey(videoId, id));
    } catch (err) {
      deps.log.warn({ err, videoId, captionsId: id }, 'captions that are no more not removed');
    }
  }

  return {
    async add({ videoId, ...input }, open, caller) {
      await find(videoId, caller);
      const track = { id: newId('captions'), addedAt: new Date(), ...describe(input) };
      const cues = parseCaptions(await readAll(open()));
      await blobs.put(captionsKey(videoId, track.id), Buffer.from(webVtt(cues)), { contentType: 'text/vtt' });
      try {
        return await change(videoId, (tracks, revision) => addTrack(tracks, { ...track, revision }));
      } catch (error) {
        // Else nobody knows whether the change was stored.
        if (error instanceof AppError) await discard(videoId, track.id);
        throw error;
      }
    },

    async remove({ videoId, language }, caller) {
      await find(videoId, caller);
      const tag = requireLanguage(language);
      return change(videoId, (tracks) => removeTrack(tracks, tag));
    },
  };
}

/** @throws AppError BAD_USER_INPUT (field) */
function describe(
  input: Omit<AddCaptionsInput, 'videoId'>,
): Pick<CaptionTrack, 'language' | 'label' | 'kind' | 'isDefault'> {
  const language = requireLanguage(input.language);
  // Playlists have no way to write a double quote.
  const label = displayText(input.label ?? '').replaceAll('"', "'");
  return {
    language,
    label: label || (languageName(language) ?? language),
    kind: input.kind ?? CaptionsKind.SUBTITLES,
    isDefault: input.isDefault ?? false,
  };
}

function requireLanguage(text: string): string {
  const tag = languageTag(text);
  if (tag !== undefined) return tag;
  const message = 'language must be a tag of BCP 47, such as "en" or "pt-BR".';
  throw new AppError('BAD_USER_INPUT', { field: 'language', message });
}

async function readAll(source: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const onBytes = (): void => undefined;
  try {
    for await (const piece of meteredSource(source, { maxBytes: MAX_BYTES, idleMs: IDLE_MS, onBytes })) {
      pieces.push(piece);
    }
  } finally {
    source.destroy();
  }
  return Buffer.concat(pieces);
}
