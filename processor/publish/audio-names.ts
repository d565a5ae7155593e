import type { PlannedAudioTrack } from '../../schema/transcode-plan.js';

const english = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/** The shortest tag of a language (RFC 5646): `eng` becomes `en`; undefined for one nobody knows. */
export function languageTag(language: string | undefined): string | undefined {
  try {
    return language === undefined ? undefined : Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined; // Not well formed: a file may claim anything.
  }
}

/** A name for every sound track, each different: its language, numbered from the second on, or "Audio 2". */
export function audioNames(tracks: readonly PlannedAudioTrack[]): string[] {
  const used = new Map<string, number>();
  return tracks.map(({ language }, index) => {
    const tag = languageTag(language);
    const name = tag === undefined ? undefined : english.of(tag);
    if (name === undefined) return `Audio ${index + 1}`;
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}
