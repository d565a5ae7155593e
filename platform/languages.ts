const english = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/** The shortest tag of a language (RFC 5646): `eng` becomes `en`; undefined for one nobody knows. */
export function languageTag(language: string | undefined): string | undefined {
  try {
    return language === undefined ? undefined : Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined; // Not well formed: a file may claim anything.
  }
}

/** The English name of a language by its tag; undefined for one without. */
export const languageName = (tag: string): string | undefined => english.of(tag);

/** The names, each different: numbered from the second on, "English", "English 2". */
export function distinctNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let count = 2; used.has(distinct); count += 1) distinct = `${name} ${count}`;
    used.add(distinct);
    return distinct;
  });
}
