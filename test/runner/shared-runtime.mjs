import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Runtime from 'jest-runtime';

/** By root folder, as the realm is. */
const kept = new Map();

/**
 * Loads the platform's modules and packages once for all test files that a worker of jest runs, which takes longer
 * than most files do. No file can tell, since nothing is opened on import and there are no singletons. Tests
 * and what stands in `test/` are loaded anew for each file, because jest's globals are, and so is its runner.
 * With coverage every file loads all of it, as jest counts by file.
 */
export default class SharedRuntime extends Runtime {
  constructor(config, environment, resolver, transformer, cacheFS, coverage, testPath, globalConfig) {
    const earlier = kept.get(config.rootDir);
    if (earlier) return earlier.startAgain();
    super(config, environment, resolver, transformer, cacheFS, coverage, testPath, globalConfig);
    this.tests = pathToFileURL(path.join(config.rootDir, 'test', path.sep)).href;
    // Fastify looks for each of its plugins among all modules, and jest makes up an entry for each look.
    this.registries.getRequireCacheProxy = () => ({});
    if (!globalConfig.collectCoverage) kept.set(config.rootDir, this);
  }

  startAgain() {
    this.testState.state = 'loading';
    return this;
  }

  teardown() {
    this.restoreAllMocks();
    this.mockState.clear();
    this.jestGlobals.clearJestObjectCache();
    this.loggedReferenceErrors.clear();
    const { registries } = this;
    registries.exitIsolated();
    forget(registries.getInternalCjsRegistry(), (file) => file.includes('jest-circus'));
    forget(registries.getActiveEsmRegistry(), (url) => this.isOfTests(url));
    this.testState.teardown();
  }

  isOfTests(url) {
    return url.startsWith('@jest/globals/') || url.startsWith(this.tests) || url.endsWith('.test.ts');
  }
}

function forget(modules, isToGo) {
  for (const key of modules.keys()) if (isToGo(key)) modules.delete(key);
}

/** Jest requires this file. */
export const __esModule = true;
