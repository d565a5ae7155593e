import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createTokens } from '../../platform/tokens.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { configs, requiredSettings, settingsOf } from './service-settings.js';
import { isTest, listFiles, readText, sourceFiles } from './source-tree.js';

const compose = readText('docker-compose.yml');
const dockerfile = readText('Dockerfile');
const processes = Object.keys(configs);

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

/** The lines below `key:` at this indentation. */
const below = (text: string, key: string, indent: number): string => {
  const pad = ' '.repeat(indent);
  const [, body = ''] = new RegExp(`^${pad}${key}:.*\\n((?:(?:${pad} .*)?\\n)*)`, 'm').exec(text) ?? [];
  return body;
};
const service = (name: string): string => below(below(compose, 'services', 0), name, 2);

/** Variables that a service is given, those of the blocks it merges included. */
function variablesOf(name: string): string[] {
  const environment = below(service(name), 'environment', 4);
  const merged = all(environment, /\*(\w+)/g).flatMap((block) =>
    all(below(compose, `x-${block}`, 0), /^ {2}([A-Z_]+):/gm),
  );
  return [...merged, ...all(environment, /^ {6}([A-Z_]+):/gm)];
}

/** Runs a program of the repository; resolves with its exit code and what it wrote to standard error. */
function run(program: string, args: string[], env: Record<string, string>) {
  const cwd = path.resolve(import.meta.dirname, '../..');
  return new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(program, args, { cwd, env }, (error, _stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stderr });
    });
  });
}

describe('docker-compose.yml', () => {
  it.each(processes)('gives the %s settings it reads, and all that it needs', (name) => {
    const given = variablesOf(name);
    expect(given.length).toBeGreaterThan(3);
    expect(given.filter((variable) => !(variable in settingsOf(name)))).toEqual([]);
    const env = Object.fromEntries(given.map((variable) => [variable, requiredSettings[variable] ?? '']));
    expect(() => configs[name]?.(env)).not.toThrow();
  });

  it('gives the seed settings it reads', () => {
    const given = variablesOf('seed');
    expect(given).toContain('MONGO_URL');
    const text = readText('gateway/seed-demo.ts');
    expect(given.filter((variable) => !text.includes(`${variable}:`))).toEqual([]);
  });

  it('publishes the ports that the processes listen on, on this machine alone', () => {
    const published = all(compose, /ports: \['(.*)'\]/g);
    const { GATEWAY_PORT, STREAMER_PORT } = { ...settingsOf('gateway'), ...settingsOf('streamer') };
    expect(published).toEqual([
      `127.0.0.1:\${GATEWAY_PORT:-${Number(GATEWAY_PORT)}}:${Number(GATEWAY_PORT)}`,
      `127.0.0.1:\${STREAMER_PORT:-${Number(STREAMER_PORT)}}:${Number(STREAMER_PORT)}`,
    ]);
  });

  it('starts programs that the image runs', () => {
    const runnable = all(readText('deploy/run.sh'), /^ {2}([a-z |]+)\) entry=/gm).flatMap((names) =>
      names.split(' | '),
    );
    expect(new Set(runnable)).toEqual(new Set([...processes, 'seed']));
    for (const name of runnable) expect(service(name)).toContain(`command: [${name}]`);
  });

  it('has a working key ring for development', () => {
    const [keys = ''] = all(compose, /STREAM_KEYS:-([^}]+)\}/g);
    expect(() => createTokens({ keys })).not.toThrow();
  });

  it('keeps whoever decodes files of strangers off the outside network', () => {
    expect(service('processor')).toContain('networks: [backend]');
    expect(below(service('processor'), 'environment', 4)).toContain('IMPORTS_MAX: 0');
    // What reads addresses of strangers is let out, and decodes nothing.
    expect(service('importer')).toContain('networks: [backend, edge]');
    expect(below(service('importer'), 'environment', 4)).toContain('CONSUMERS_MAX: 0');
    expect(variablesOf('importer').filter((name) => !(name in settingsOf('processor')))).toEqual([]);
    expect(below(below(compose, 'networks', 0), 'backend', 2)).toContain('internal: true');
  });

  it('runs the servers in the versions that are tested', () => {
    const [kafka] = all(readText('local/kafka/pom.xml'), /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/g);
    const { dependencies } = JSON.parse(readText('local/azurite/package.json')) as {
      dependencies: { azurite: string };
    };
    const images = all(compose, /^ +image: (\S+)$/gm);
    expect(images).toContain(`apache/kafka:${kafka}`);
    expect(images).toContain(`mcr.microsoft.com/azure-storage/azurite:${dependencies.azurite}`);
  });
});

describe('the image', () => {
  it('holds every program it runs, and no test', () => {
    const ignored = readText('.dockerignore');
    const { include } = JSON.parse(readText('tsconfig.build.json')) as { include: string[] };
    const entries = [...processes.map((name) => `${name}/main.ts`), 'gateway/seed-demo.ts'];
    const sources = listFiles('.ts');
    for (const entry of entries) {
      const [folder = ''] = entry.split('/');
      expect(sources).toContain(entry);
      expect(include).toContain(folder);
      expect(ignored).toContain(`\n!${folder}\n`);
    }
    expect(ignored).toContain('**/*.test.ts');
  });

  it('has what its programs import', () => {
    const folders = all(readText('.dockerignore'), /^!(\w+)$/gm);
    const built = sourceFiles().filter(
      ({ name }) => !isTest(name) && folders.includes(name.split('/')[0] ?? ''),
    );
    const imported = built.flatMap(({ imports }) => imports).filter((target) => target.endsWith('.ts'));
    expect(imported.length).toBeGreaterThan(100);
    expect(imported.filter((target) => !folders.includes(target.split('/')[0] ?? ''))).toEqual([]);
  });

  it('runs as an ordinary user, on the Node.js that is tested', () => {
    const { dependencies } = JSON.parse(readText('package.json')) as { dependencies: { node: string } };
    const [major] = dependencies.node.split('.');
    expect(dockerfile).toContain(`ARG BASE=node:${major}-`);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it('exposes the ports that its programs listen on', () => {
    const defaults = processes.map((name) => settingsOf(name)[`${name.toUpperCase()}_PORT`]);
    expect(all(dockerfile, /^EXPOSE (.*)$/gm)).toEqual([defaults.join(' ')]);
  });

  it('runs the streamer with the flags and the environment that it needs, and others without', async () => {
    const folder = temporaryFolder();
    const say = '#!/bin/sh\necho "$*, arenas: $MALLOC_ARENA_MAX" >&2\n';
    writeFileSync(path.join(folder, 'node'), say, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}` };
    const told = async (name: string) => (await run('sh', ['deploy/run.sh', name], env)).stderr;
    const flags = readText('deploy/streamer.flags').trim();
    expect(await told('streamer')).toContain(`${flags} dist/streamer/main.js, arenas: 1\n`);
    expect(await told('gateway')).toMatch(/ dist\/gateway\/main\.js, arenas: \n$/);
    expect(await told('gateway')).not.toContain(flags);
  });

  it('refuses to run anything else', async () => {
    const { code, stderr } = await run('sh', ['deploy/run.sh', 'anything'], {});
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: gateway | streamer | processor | seed');
  });
});

describe('the health check', () => {
  const check = (env: Record<string, string>) => run(process.execPath, ['deploy/healthcheck.mjs'], env);
  const nobody = { GATEWAY_PORT: '1', STREAMER_PORT: '1', PROCESSOR_PORT: '1' };

  it.each(processes)('passes while the %s lives', async (name) => {
    const server = createServer((request, answer) => {
      answer.writeHead(request.url === '/healthz' ? 200 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      expect(await check({ ...nobody, [`${name.toUpperCase()}_PORT`]: String(port) })).toMatchObject({
        code: 0,
      });
    } finally {
      server.close();
    }
  });

  it('fails where nothing answers', async () => {
    expect(await check(nobody)).toMatchObject({ code: 1, stderr: expect.stringContaining('bad port') });
  });

  it('knows the ports by default', () => {
    const text = readText('deploy/healthcheck.mjs');
    for (const name of processes) {
      const variable = `${name.toUpperCase()}_PORT`;
      expect(text).toContain(`${variable} || ${String(settingsOf(name)[variable])}`);
    }
  });
});
