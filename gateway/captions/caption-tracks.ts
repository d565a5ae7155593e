import type { CaptionTrack } from '../../schema/captions.js';
import { AppError } from '../../schema/errors.js';

/** Languages of one video. */
export const MAX_TRACKS = 50;

/** The captions of a video after a change, and those that are no more. */
export interface ChangedTracks {
  tracks: CaptionTrack[];
  dropped: CaptionTrack[];
}

/**
 * Adds captions in place of those in the same language; where they are to be shown by themselves, no others are.
 * @throws AppError BAD_USER_INPUT (field) where there are too many languages
 */
export function addTrack(tracks: readonly CaptionTrack[], added: CaptionTrack): ChangedTracks {
  const isSame = ({ language }: CaptionTrack): boolean => language === added.language;
  const dropped = tracks.filter(isSame);
  if (dropped.length === 0 && tracks.length >= MAX_TRACKS) {
    const message = `The video has captions in ${MAX_TRACKS} languages already.`;
    throw new AppError('BAD_USER_INPUT', { field: 'language', message });
  }
  const others = tracks.map((track) => ({ ...track, isDefault: track.isDefault && !added.isDefault }));
  const replaced = others.map((track) => (isSame(track) ? added : track));
  return { tracks: dropped.length > 0 ? replaced : [...others, added], dropped };
}

/** @throws AppError NOT_FOUND where there are none in this language */
export function removeTrack(tracks: readonly CaptionTrack[], language: string): ChangedTracks {
  const dropped = tracks.filter((track) => track.language === language);
  if (dropped.length === 0) throw new AppError('NOT_FOUND');
  return { tracks: tracks.filter((track) => track.language !== language), dropped };
}
