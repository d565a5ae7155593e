import { Counter, Gauge, type Registry } from 'prom-client';
import type { JobCounter } from './pool/run-job.js';

/** What a processor counts, beside Node's own metrics. */
export interface ProcessorMetrics {
  jobs: JobCounter;
  /** Frames a second of the last FFmpeg report. */
  setFfmpegSpeed(framesPerSecond: number): void;
}

export function createProcessorMetrics(
  registry: Registry,
  deps: {
    queueDepth: () => Promise<number>;
    queueWorkSeconds: () => Promise<number>;
    slots: () => number;
    busySlots: () => number;
  },
): ProcessorMetrics {
  const jobs = new Counter({
    name: 'stream_plus_jobs_total',
    help: 'Attempts that ended, by kind of job and result',
    labelNames: ['kind', 'result'],
    registers: [registry],
  });
  const speed = new Gauge({
    name: 'stream_plus_ffmpeg_frames_per_second',
    help: 'Speed of the chunk encoded last',
    registers: [registry],
  });
  new Gauge({
    name: 'stream_plus_queue_depth',
    help: 'Jobs that are due and not claimed, in the whole installation',
    registers: [registry],
    async collect() {
      this.set(await deps.queueDepth());
    },
  });
  new Gauge({
    name: 'stream_plus_queue_work_seconds',
    help: 'Predicted time on one slot of what is due and not claimed, in the whole installation',
    registers: [registry],
    async collect() {
      this.set(await deps.queueWorkSeconds());
    },
  });
  new Gauge({
    name: 'stream_plus_slots',
    help: 'Slots of this process, each with a Kafka consumer',
    registers: [registry],
    collect() {
      this.set(deps.slots());
    },
  });
  new Gauge({
    name: 'stream_plus_slots_busy',
    help: 'Slots of this process that work',
    registers: [registry],
    collect() {
      this.set(deps.busySlots());
    },
  });
  return { jobs, setFfmpegSpeed: (framesPerSecond) => speed.set(framesPerSecond) };
}
