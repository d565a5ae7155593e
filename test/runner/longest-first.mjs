import path from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * What takes longest, in this order; then everything else, by the size of the file as jest does. A file that
 * begins last and takes a minute would keep one worker alone with it.
 */
const longest = [
  'test/media/sources',
  'test/faults/',
  'test/e2e/platform/',
  'test/e2e/npm-start',
  'test/integration/local-stack',
  'test/e2e/gateway-matrix',
  'test/e2e/gateway-attacks',
  'test/browser/',
  'test/e2e/gateway-identity',
  'test/e2e/gateway-progress',
  'test/e2e/gateway-process',
  'test/e2e/gateway-',
];

/** Begins with what takes longest, so that all workers end at about the same time, on a fresh clone too. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const bySize = super.sort(tests);
    return bySize.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ path: file, context }) {
  const name = path.relative(context.config.rootDir, file);
  const index = longest.findIndex((beginning) => name.startsWith(beginning));
  return index < 0 ? longest.length : index;
}

/** Jest requires this file. */
export const __esModule = true;
