import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Downloaded tools: always here, so that stacks with a data folder of their own share them. */
export const toolsDir = join(root, '.data/tools');

/** Where the stack finds what set-up found: `{ java, kafkaClasspath, mongod, azurite }`. */
export const toolsFile = join(toolsDir, 'tools.json');

export const inRoot = (...parts) => join(root, ...parts);
