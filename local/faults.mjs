/**
 * `npm run test:faults [-- arguments of jest]`: what is promised under faults, with as much work as it is
 * promised for. Prints a table at the end, in Markdown. Exits 1 where anything failed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJest } from './run-jest.mjs';

const columns = [
  ['fault', 'Fault'],
  ['jobs', 'Jobs'],
  ['doneOnce', 'Done once'],
  ['givenUp', 'Ended with their video'],
  ['lost', 'Lost'],
  ['duplicates', 'Duplicates'],
  ['orphanedBlobs', 'Orphaned blobs'],
  ['orphanedProcesses', 'Orphaned processes'],
  ['seconds', 'Seconds'],
];

const cell = (value) => (typeof value === 'number' ? String(Math.round(value)) : value);

function markdown(reports) {
  const rows = [
    columns.map(([, title]) => title),
    ...reports.map((report) => columns.map(([key]) => cell(report[key]))),
  ];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))),
  );
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [lines[0], rule, ...lines.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'stream-plus-faults-'));
const table = join(folder, 'table.jsonl');
try {
  const env = { STREAM_PLUS_FAULTS: 'full', STREAM_PLUS_FAULTS_TABLE: table };
  // One fault at a time: each has the whole machine.
  const args = ['--runInBand', 'test/faults/', ...process.argv.slice(2)];
  process.exitCode = await runJest(args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  const lines = existsSync(table) ? readFileSync(table, 'utf8').trim().split('\n') : [];
  if (lines.length > 0) console.log(`\n${markdown(lines.map((line) => JSON.parse(line)))}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
