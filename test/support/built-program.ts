import path from 'node:path';
import type { ProgramArgs } from '../../local/services.js';
import { stackSetting } from './test-database.js';

/** How Node runs a program of ours, as it was compiled for this run of the tests. */
export const builtProgram: ProgramArgs = (program) => [
  '--disable-warning=TimeoutNegativeWarning',
  path.join(stackSetting('TEST_BUILD'), `${program}.js`),
];

/** In a process that lives for seconds, code is optimized for longer than it then runs: a sixth of the CPU time. */
const unoptimized = ['--no-opt', '--no-maglev'];

/** How Node runs a service of ours, bundled: it starts in half the time. */
export const bundledService: ProgramArgs = (program) => [
  ...unoptimized,
  ...builtProgram(`services/${program}`),
];

/** What a process with an environment of its own should have from ours: where to keep what Node compiles. */
export const compileCache = () => ({ NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE });
