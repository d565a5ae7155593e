import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { configs, optionalSettings, requiredSettings, settingsOf } from './service-settings.js';
import { isTest, listFiles, readText, sourceFiles } from './source-tree.js';

const readme = readText('README.md');
const documents = listFiles('.md');
const processes = Object.keys(configs);
const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

/** Every setting, with the processes that read it and its default. */
const settings = new Map<string, { readBy: string[]; byDefault: unknown }>();
for (const name of processes) {
  for (const [variable, byDefault] of Object.entries(settingsOf(name))) {
    const { readBy } = settings.get(variable) ?? { readBy: [] };
    settings.set(variable, { readBy: [...readBy, name], byDefault });
  }
}
/** What the settings say by default follows from the machine. */
const ofTheMachine = ['CONSUMERS_MAX', 'PROCESSOR_CORES'];

describe('the table of settings in the README', () => {
  const rows = new Map(
    [...readme.matchAll(/^\| `([A-Z_]+)` +\| ([^|]+?) *\| ([^|]+?) *\|/gm)].map(
      ([, variable = '', readBy = '', byDefault = '']) => [variable, { readBy, byDefault }],
    ),
  );

  it('has each setting, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual([...settings.keys()].toSorted());
  });

  it('misses none that has no default', () => {
    const named = processes.flatMap((name) =>
      all(readText(`${name}/config.ts`), /^ {2,4}([A-Z][A-Z_]+)[:,]/gm),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((variable) => !rows.has(variable))).toEqual([]);
  });

  it.each([...settings])('says who reads %s, and its default', (variable, { readBy, byDefault }) => {
    const row = rows.get(variable);
    expect(row?.readBy.split(', ').toSorted()).toEqual(readBy.toSorted());
    if (ofTheMachine.includes(variable)) return;
    const told = variable in optionalSettings ? 'none' : `\`${String(byDefault)}\``;
    expect(row?.byDefault).toBe(variable in requiredSettings ? 'required' : told);
  });
});

describe('.env.example', () => {
  const lines = all(readText('.env.example'), /^# ([A-Z_]+=.*)$/gm);
  const examples = parseEnv(lines.join('\n'));

  it('sets nothing unless somebody uncomments it', () => {
    expect(parseEnv(readText('.env.example'))).toEqual({});
  });

  it('has every setting, each with its default', () => {
    expect([...settings.keys()].filter((variable) => !(variable in examples))).toEqual([]);
    const differing = [...settings].filter(
      ([variable, { byDefault }]) =>
        !(variable in requiredSettings || ofTheMachine.includes(variable)) &&
        examples[variable] !== (variable in optionalSettings ? '' : String(byDefault)),
    );
    expect(differing).toEqual([]);
  });
});

/** Anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string): string[] => all(text, /^#+ (.+)$/gm).map(anchorOf);

describe('links', () => {
  it.each(documents)('of %s lead somewhere', (name) => {
    const links = all(readText(name), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? name : path.posix.join(path.posix.dirname(name), file);
      if (!existsSync(path.resolve(import.meta.dirname, '../..', target))) return true;
      return anchor !== undefined && !anchorsOf(readText(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('GraphQL examples', () => {
  const schema = buildSchema(readText('schema/schema.graphql'));
  const examples = [
    ...all(readme, /```graphql\n([\s\S]*?)```/g),
    ...all(readme, /"query": "([^"]*)"/g),
    ...all(readme, /query: `([^`]*)`/g),
  ];

  it('show one operation of each kind', () => {
    const kinds = examples.map((example) => /^\w+/.exec(example)?.[0]);
    expect(new Set(kinds)).toEqual(new Set(['query', 'mutation', 'subscription']));
  });

  it.each(examples.map((text) => ({ text, start: text.slice(0, 40).replace(/\s+/g, ' ') })))(
    'are valid: $start…',
    ({ text }) => {
      expect(validate(schema, parse(text))).toEqual([]);
    },
  );
});

describe('the documents', () => {
  it('name only commands that there are', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((name) => all(readText(name), /npm run ([a-z]+)/g));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('name files that there are', () => {
    const named = documents.flatMap((name) => all(readText(name), /`((?:[a-z-]+\/)+[a-z-]+\.[a-z.]+)`/g));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !existsSync(path.resolve(import.meta.dirname, '../..', name)))).toEqual([]);
  });

  it('explain every metric, and no other', () => {
    const made = sourceFiles()
      .filter(({ name }) => !isTest(name))
      .flatMap(({ text }) => all(text, /name: '((?:stream_plus|streamer)_\w+)'/g));
    const explained = all(readText('docs/operating.md'), /^\| `((?:stream_plus|streamer)_\w+)`/gm);
    expect(made.length).toBeGreaterThan(5);
    expect(explained.toSorted()).toEqual(made.toSorted());
  });
});
