import { cpuSeconds } from './cpu-time.js';
import { film } from './films.js';
import { startBenchPlatform } from './platform.js';
import type { Figure } from './report.js';
import { encodeWholeFile, type Cost } from './whole-file.js';

const FILM_MINUTES = 3;

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

/**
 * What chunks cost: the platform against one FFmpeg for the whole file, same renditions and settings. CPU
 * is that of the processor and its FFmpegs; wall time is from the end of the upload to READY.
 */
export async function measureTranscoding(folder: string): Promise<Figure[]> {
  const source = await film(folder, FILM_MINUTES);
  const whole = await encodeWholeFile(source);
  const joint = await encodeOnPlatform(source, together);
  const apart = await encodeOnPlatform(source, {});
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
