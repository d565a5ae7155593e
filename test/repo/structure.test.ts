import { describe, expect, it } from '@jest/globals';
import { isTest, listFiles, readText, sourceFiles, type SourceFile } from './source-tree.js';

const files = sourceFiles();
const product = files.filter(({ name }) => !isTest(name));

/** What each folder may import of ours, besides itself. */
const allowed: Record<string, readonly string[]> = {
  schema: [],
  platform: ['schema'],
  gateway: ['platform', 'schema'],
  processor: ['platform', 'schema'],
  streamer: ['platform', 'schema'],
  cli: [],
  local: ['platform', 'schema', 'cli'],
};

const folderOf = (name: string): string => name.split('/')[0] ?? '';
const isOurs = (specifier: string): boolean => specifier.endsWith('.ts');

/** Every file that `name` reaches, itself included: through imports, or through those that are there when it runs. */
function reachable(name: string, by: 'imports' | 'loads', seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const next of product.find((file) => file.name === name)?.[by] ?? []) reachable(next, by, seen);
  return seen;
}

const offences = (of: SourceFile[], isOffence: (file: SourceFile) => boolean): string[] =>
  of.filter(isOffence).map(({ name }) => name);

describe('the import rules', () => {
  it.each(Object.entries(allowed))('%s imports only what lies below it', (folder, below) => {
    const own = product.filter(({ name }) => folderOf(name) === folder);
    expect(own.length).toBeGreaterThan(0);
    const bad = own.flatMap(({ name, imports }) =>
      imports
        .filter(
          (target) => isOurs(target) && folderOf(target) !== folder && !below.includes(folderOf(target)),
        )
        .map((target) => `${name} → ${target}`),
    );
    expect(bad).toEqual([]);
  });

  it('keep the database and the broker off the path of segments', () => {
    const answers = reachable('streamer/stream-answers.ts', 'imports');
    const reached = reachable('streamer/wire/connection.ts', 'imports', answers);
    expect(reached).toContain('streamer/segment-cache.ts');
    expect([...reached].filter((target) => /^(mongodb|mongoose|kafkajs|@typegoose)/.test(target))).toEqual(
      [],
    );
  });

  it('keep models and large clients, which take a third of its memory, out of the streamer', () => {
    const reached = [...reachable('streamer/main.ts', 'loads')];
    expect(reached).toContain('mongodb');
    const heavy = /^(mongoose|@typegoose|type-graphql|graphql|class-validator|@azure|undici)/;
    expect(reached.filter((target) => heavy.test(target))).toEqual([]);
  });

  it('let only entry points of processes read the environment', () => {
    const services = ['gateway', 'processor', 'streamer', 'platform', 'schema'];
    const readers = offences(
      product.filter(({ name }) => services.includes(folderOf(name))),
      ({ text }) => text.includes('process.env'),
    );
    expect(readers.filter((name) => !/\/(main|seed-demo|emit-schema)\.ts$/.test(name))).toEqual([]);
  });

  it('keep kafkajs, fluent-ffmpeg and koffi of the services behind one place each', () => {
    const services = product.filter(({ name }) => folderOf(name) !== 'local');
    const users = (library: string) => offences(services, ({ imports }) => imports.includes(library));
    expect(users('kafkajs')).toEqual([
      'platform/kafka/broker.ts',
      'platform/kafka/consumer.ts',
      'platform/kafka/publisher.ts',
    ]);
    expect(users('koffi')).toEqual(['platform/memory/system-calls.ts']);
    expect(users('fluent-ffmpeg')).toEqual(['processor/transcode/program.ts']);
  });
});

describe('the code', () => {
  it('is made of small files', () => {
    const lines = product.map((file) => file.lines).toSorted((a, b) => a - b);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThan(90);
    expect(offences(files, (file) => file.lines > 400)).toEqual([]);
  });

  it('has no silenced check and no unfinished place', () => {
    // A test that this machine cannot run says so in its name, which is made up then.
    const marks =
      /\b(TODO|FIXME|XXX)\b|(es|ox)lint-disable|@ts-(ignore|expect-error|nocheck)|\bas any\b|\b(it|test|describe)\.(only\(|skip\(')/;
    expect(offences(files, ({ name, text }) => !name.startsWith('test/repo/') && marks.test(text))).toEqual(
      [],
    );
  });

  it('is named in kebab-case', () => {
    expect(offences(files, ({ name }) => !/^([a-z0-9.-]+\/)*[a-z0-9.-]+\.ts$/.test(name))).toEqual([]);
  });
});

describe('the repository', () => {
  it('pins every dependency exactly, and gives a reason for each', () => {
    const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const pins = { ...dependencies, ...devDependencies };
    expect(
      Object.entries(pins).filter(([, version]) => !/^(npm:[a-z]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    ).toEqual([]);
    const reasons = readText('docs/dependencies.md');
    expect(Object.keys(pins).filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
  });

  it('lets no dependency count installations', () => {
    const { scarfSettings } = JSON.parse(readText('package.json')) as { scarfSettings?: unknown };
    expect(scarfSettings).toEqual({ enabled: false });
  });

  it('has lockfiles without addresses of a registry', () => {
    const locks = listFiles('package-lock.json');
    expect(locks).toContain('package-lock.json');
    expect(locks.filter((name) => readText(name).includes('"resolved": "http'))).toEqual([]);
  });
});
