import { distinctNames, languageName, languageTag } from '../../platform/languages.js';
import type { PlannedAudioTrack } from '../../schema/transcode-plan.js';

/** A name for every sound track, each different: its language, numbered from the second on, or "Audio 2". */
export const audioNames = (tracks: readonly PlannedAudioTrack[]): string[] =>
  distinctNames(
    tracks.map(({ language }, index) => {
      const tag = languageTag(language);
      return (tag && languageName(tag)) ?? `Audio ${index + 1}`;
    }),
  );
