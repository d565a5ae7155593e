/**
 * Apple's rules for HLS, as far as a film on demand can break them, held against what was published: pure functions of
 * its playlists, the sizes of its files and what ffprobe finds in them. Not here: rules for live broadcasts, for other
 * codecs, encryption and advertisements, and for how files are delivered.
 */
import { bandwidthRules } from './bandwidth-rules.js';
import { masterRules } from './master-rules.js';
import { pictureRules } from './picture-rules.js';
import { playlistRules } from './playlist-rules.js';
import { type Published, readPresentation, type Rule } from './presentation.js';
import { sessionRules } from './session-rules.js';
import { subtitleRules } from './subtitle-rules.js';
import { syntaxRules } from './syntax-rules.js';

export const rules: readonly Rule[] = [
  ...syntaxRules,
  ...playlistRules,
  ...masterRules,
  ...sessionRules,
  ...bandwidthRules,
  ...pictureRules,
  ...subtitleRules,
];

/** What breaks the rules, but for those named in `except`: a line each, with the rule, its source, and where. */
export function violations(published: Published, except: readonly string[] = []): string[] {
  const presentation = readPresentation(published);
  return rules
    .filter(({ name }) => !except.includes(name))
    .flatMap(({ name, source, check }) =>
      check(presentation).map(({ path, line, problem }) => {
        const where = line === undefined ? path : `${path}:${line}`;
        return `${name} (${source}): ${where}: ${problem}`;
      }),
    );
}
