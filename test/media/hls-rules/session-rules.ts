import { type Tag, tagsOf } from './playlist-text.js';
import { type Finding, type Presentation, RFC, type Rule } from './presentation.js';

/** What session data is said of, and in which language. */
const keyOf = ({ attributes }: Tag): string =>
  `${attributes.get('DATA-ID')} in ${attributes.get('LANGUAGE') ?? 'no language'}`;

const sessionData =
  (problemOf: (tag: Tag, before: readonly Tag[]) => string | undefined) =>
  ({ master }: Presentation): Finding[] =>
    tagsOf(master, 'EXT-X-SESSION-DATA').flatMap((tag, index, all) => {
      const problem = problemOf(tag, all.slice(0, index));
      return problem === undefined ? [] : [{ path: master.path, line: tag.line, problem }];
    });

/** What holds for data about a film in its master. */
export const sessionRules: readonly Rule[] = [
  {
    name: 'session data has either a value or a URI',
    source: `${RFC} 4.3.4.4`,
    check: sessionData(({ attributes }) =>
      attributes.has('VALUE') === attributes.has('URI') ? 'both or neither' : undefined,
    ),
  },
  {
    name: 'session data has an id like a domain name from behind',
    source: `${RFC} 4.3.4.4`,
    check: sessionData(({ attributes }) => {
      const id = attributes.get('DATA-ID');
      return /^[a-z\d-]+(\.[a-z\d-]+)+$/i.test(id ?? '') ? undefined : `DATA-ID ${id}`;
    }),
  },
  {
    name: 'session data is said once in a language',
    source: `${RFC} 4.3.4.4`,
    check: sessionData((tag, before) =>
      before.some((other) => keyOf(other) === keyOf(tag)) ? `${keyOf(tag)} again` : undefined,
    ),
  },
];
