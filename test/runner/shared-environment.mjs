import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

const { createContext } = vm;

/**
 * A context like any other realm. The one that jest asks for hands each look at a global, be it `Math` or `Symbol`, to
 * a proxy, which takes microseconds; the proxy is for globals that a file leaves behind, and here the realm stays.
 */
const plainContext = () => createContext(vm.constants.DONT_CONTEXTIFY);

const STACK_FRAMES = 20;

/** By root folder: the projects differ in nothing that a realm knows of. */
const kept = new Map();

/**
 * One JavaScript realm for all test files that a worker of jest runs: without it nothing that `shared-runtime.mjs`
 * has loaded for one file would be of use to the next.
 */
export default class SharedEnvironment extends TestEnvironment {
  constructor(config, context) {
    const { rootDir } = config.projectConfig;
    const earlier = kept.get(rootDir);
    if (earlier) return earlier;
    vm.createContext = plainContext;
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
    kept.set(rootDir, this);
    this.exit = this.global.process.exit;
    // Jest asks for 100 frames of every error, and refusals are errors.
    this.global.Error.stackTraceLimit = STACK_FRAMES;
  }

  /** Undoes what a file may have left behind; the realm stays. */
  async teardown() {
    this.fakeTimersModern.useRealTimers();
    // Jest wraps it anew for every file.
    this.global.process.exit = this.exit;
    for (const key of Object.getOwnPropertySymbols(this.global)) if (isOfRunner(key)) delete this.global[key];
  }
}

/**
 * What jest-circus keeps in the realm: its state, and who listens to its events. Of every file before, these would
 * listen to those of the next, and report each test once more.
 */
const isOfRunner = ({ description }) => ['EVENT_HANDLERS', 'JEST_STATE_SYMBOL'].includes(description);

/** Jest requires this file. */
export const __esModule = true;
