/**
 * `npm test [-- arguments of jest]`: everything that must pass. Its last line is
 * `N passed, N failed, N skipped`; each check besides the tests counts as one. Exits 1 where anything
 * failed, or nothing ran. The checks take what the tests leave idle while they wait for other processes.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJest } from './run-jest.mjs';
import { exec } from './setup/exec.mjs';

/** More than there are cores: tests wait for other processes. */
const MAX_WORKERS = 3;

/** The least urgent there is: the tests go first. */
const NICE = os.constants.priority.PRIORITY_LOW;

/**
 * To collect its garbage would take the compiler a third of its CPU time; up to this it need not. Two threads would each
 * work out the same types.
 */
const sparingly = { ...process.env, GOGC: 'off', GOMEMLIMIT: '2GiB', GOMAXPROCS: '1' };

const checks = [
  // With types: what the compiler says is among what it finds.
  { title: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--threads=1'], env: sparingly },
  { title: 'format', args: ['node_modules/oxfmt/bin/oxfmt', '--threads=1', '--check', '.'] },
];

async function runCheck({ title, args, env }) {
  const startedAt = Date.now();
  const failure = await exec(process.execPath, args, { env, priority: NICE }).then(
    () => undefined,
    (error) => error.output ?? error.message,
  );
  console.log(`${failure ? 'FAIL' : 'PASS'} ${title} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  if (failure) console.log(failure);
  return { passed: failure ? 0 : 1, failed: failure ? 1 : 0, skipped: 0 };
}

async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'stream-plus-results-'));
  const report = join(folder, 'jest.json');
  try {
    const reporting = [`--maxWorkers=${MAX_WORKERS}`, '--json', `--outputFile=${report}`];
    // Jest writes its result to standard output too: that is not shown.
    const code = await runJest([...args, ...reporting], { stdio: ['ignore', 'ignore', 'inherit'] });
    const counts = readCounts(report);
    // A run that broke off has failed, whatever it had counted by then.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCounts(report) {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const runs = [Promise.all(checks.map(runCheck)), runTests(process.argv.slice(2))];
const [checked, tested] = await Promise.all(runs);
const sum = (key) => [...checked, tested].reduce((total, counts) => total + counts[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') > 0 || tested.passed === 0 ? 1 : 0;
