import { cpuSeconds } from './cpu-time.js';
import { film } from './films.js';
import { startBenchPlatform } from './platform.js';
import type { Figure } from './report.js';
import { encodeWholeFile, type Cost } from './whole-file.js';

const FILM_MINUTES = 3;

/** In turn, so that a machine whose speed drifts does so for all of them. */
const ROUNDS = 2;

/** More cores than there are make the planner keep renditions together; the machine stays the same. */
const together = { PROCESSOR_CORES: '64' };

/** One film through the platform with one processor and one slot, from the end of its upload to READY. */
async function encodeOnPlatform(source: string, settings: Record<string, string>): Promise<Cost> {
  const platform = await startBenchPlatform({ processors: [{ CONSUMERS_MAX: '1', ...settings }] });
  try {
    const pid = platform.processors[0]?.pid ?? 0;
    const before = cpuSeconds(pid);
    let uploadedAt = 0;
    await platform.upload({
      file: source,
      exitOn: 'ready',
      onEvent: ({ type }) => {
        if (type === 'uploaded') uploadedAt = performance.now();
      },
    });
    const wallSeconds = (performance.now() - uploadedAt) / 1000;
    return { wallSeconds, cpuSeconds: cpuSeconds(pid) - before };
  } finally {
    await platform.stop();
  }
}

/** Costs of `ROUNDS` runs of each way, in turn. */
async function measureInTurn<K extends string>(
  ways: Record<K, () => Promise<Cost>>,
): Promise<Record<K, Cost>> {
  const names = Object.keys(ways) as K[];
  const total = Object.fromEntries(names.map((name) => [name, { wallSeconds: 0, cpuSeconds: 0 }])) as Record<
    K,
    Cost
  >;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      const cost = await ways[name]();
      total[name].wallSeconds += cost.wallSeconds;
      total[name].cpuSeconds += cost.cpuSeconds;
    }
  }
  return total;
}

/**
 * What chunks cost: the platform against one FFmpeg for the whole file, same renditions and settings. CPU
 * is that of the processor and its FFmpegs; wall time is from the end of the upload to READY.
 */
export async function measureTranscoding(folder: string): Promise<Figure[]> {
  const source = await film(folder, FILM_MINUTES);
  const { whole, joint, apart } = await measureInTurn({
    whole: () => encodeWholeFile(source),
    joint: () => encodeOnPlatform(source, together),
    apart: () => encodeOnPlatform(source, {}),
  });
  const ratio = { unit: '×' };
  return [
    {
      ...ratio,
      name: 'wall, together / whole file',
      value: joint.wallSeconds / whole.wallSeconds,
      atMost: 1.15,
    },
    {
      ...ratio,
      name: 'CPU, together / whole file',
      value: joint.cpuSeconds / whole.cpuSeconds,
      atMost: 1.05,
    },
    {
      ...ratio,
      name: 'CPU, lead and rest apart / whole file',
      value: apart.cpuSeconds / whole.cpuSeconds,
      atMost: 1.13,
    },
  ];
}
