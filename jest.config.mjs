const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/', '<rootDir>/local/azurite/'],
  setupFiles: ['reflect-metadata'],
  testEnvironment: '<rootDir>/test/runner/shared-environment.mjs',
  runtime: '<rootDir>/test/runner/shared-runtime.mjs',
};

const ignored = ['/node_modules/', '/dist/', '/.data/'];

/** Tests that need Kafka, MongoDB or blob storage; they share one stack, started when one of them runs. */
const withStack = ['contract', 'integration', 'e2e', 'browser', 'faults'];

/** Programs of the desktop: big to install, so only where they are asked for. */
const players = {
  ...shared,
  displayName: 'players',
  testMatch: ['<rootDir>/test/players/**/*.test.ts'],
  testPathIgnorePatterns: ignored,
};

export default {
  // The longest tests wait for other processes most of the time; jest alone would take one worker of two cores.
  maxWorkers: 2,
  // No promise: what never ends ends then. On a machine that is busy otherwise jest's own five seconds are short.
  testTimeout: 20_000,
  testSequencer: '<rootDir>/test/runner/longest-first.mjs',
  coverageProvider: 'v8',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [
        ...ignored,
        ...[...withStack, 'players'].map((folder) => `<rootDir>/test/${folder}/`),
      ],
    },
    {
      ...shared,
      displayName: 'stack',
      testMatch: withStack.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      testPathIgnorePatterns: ignored,
      globalSetup: '<rootDir>/test/global-setup.mjs',
      globalTeardown: '<rootDir>/test/global-teardown.mjs',
    },
    ...(process.env.STREAM_PLUS_PLAYERS ? [players] : []),
  ],
};
