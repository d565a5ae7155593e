import { transformFile } from '@swc/core';
import { build } from 'esbuild';
import { glob, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SERVICES = ['gateway/main', 'gateway/seed-demo', 'processor/main', 'streamer/main'];
const SOURCES = '{schema,platform,gateway,processor,streamer,local,cli}/**/*.ts';

/**
 * Compiles the programs into a folder inside the repository, where their packages are found; resolves to it.
 * Its folder `services` has those that tests start again and again, each with all it loads in a few files: they
 * start in half the CPU time. Takes three seconds.
 */
export async function buildPrograms() {
  const parent = path.join(root, '.data', 'test-builds');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'b-'));
  const files = await Array.fromAsync(
    glob(SOURCES, { cwd: root, exclude: ['**/node_modules/**', '**/*.test.ts'] }),
  );
  await Promise.all(
    files.map(async (file) => {
      const { code } = await transformFile(path.join(root, file), { cwd: root, sourceMaps: false });
      const target = path.join(folder, file.replace(/\.ts$/, '.js'));
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, code);
    }),
  );
  await bundleServices(folder);
  return folder;
}

/** Of what swc has compiled: esbuild does not write the types that decorators read. */
const bundleServices = (folder) =>
  build({
    entryPoints: SERVICES.map((name) => path.join(folder, `${name}.js`)),
    outbase: folder,
    outdir: path.join(folder, 'services'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Models and GraphQL types are called as their classes are.
    keepNames: true,
    // Node reads all of it at each start.
    ...{ minifyWhitespace: true, minifySyntax: true, legalComments: 'none', lineLimit: 120 },
    // Two binaries; one that type-graphql asks for while it runs; one that looks for its own files; and one that tests of
    // faults change.
    external: ['@node-rs/argon2', 'koffi', 'class-validator', 'fluent-ffmpeg', 'kafkajs'],
    // For packages in CommonJS.
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
