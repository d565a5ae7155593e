import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { ProgressMessage } from '../../schema/messages.js';
import { createProgressHealer } from './progress-healer.js';
import { createProgressHub } from './progress-hub.js';
import type { ProgressReader } from './progress-reader.js';

const message = (videoId: string, sequence: number) =>
  ({ v: 1, projectId: 'project_a', event: { videoId, sequence, status: 'PROCESSING' } }) as ProgressMessage;

function setUp(stored: ProgressMessage[], answer: Partial<ProgressReader> = {}) {
  const asked: string[][] = [];
  const reader: ProgressReader = {
    ofVideos(videoIds) {
      asked.push([...videoIds]);
      return Promise.resolve(stored.filter(({ event }) => videoIds.includes(event.videoId)));
    },
    ofUnfinished: () => Promise.resolve([]),
    changedSince: () => Promise.resolve(stored),
    ...answer,
  };
  const hub = createProgressHub();
  const log = pino({ level: 'silent' });
  return { hub, asked, healer: createProgressHealer({ hub, reader, log, quietMs: 0, everyMs: 1 }) };
}

describe('the progress healer', () => {
  it('reads what is watched, and nothing when nothing is', async () => {
    const { hub, asked, healer } = setUp([message('video_a', 3)]);
    await healer.heal();
    expect(asked).toEqual([]);
    const mailbox = hub.watchVideo('video_a');
    await healer.heal();
    expect(asked).toEqual([['video_a']]);
    expect((await mailbox.events.next()).value).toMatchObject({ sequence: 3 });
  });

  it('heals what a project missed', async () => {
    const { hub, healer } = setUp([message('video_b', 2)]);
    const mailbox = hub.watchProject('project_a');
    await healer.heal();
    expect((await mailbox.events.next()).value).toMatchObject({ videoId: 'video_b', sequence: 2 });
  });

  it('ends the subscription to a video that was removed', async () => {
    const { hub, healer } = setUp([]);
    const mailbox = hub.watchVideo('video_a');
    await healer.heal();
    expect(await mailbox.events.next()).toEqual({ done: true, value: undefined });
  });

  it('goes on after an outage of the database, until it is stopped', async () => {
    let failures = 0;
    const stop = new AbortController();
    const { hub, healer } = setUp([], {
      ofVideos() {
        failures += 1;
        if (failures === 3) stop.abort();
        return Promise.reject(new Error('down'));
      },
    });
    hub.watchVideo('video_a');
    await healer.run(stop.signal);
    expect(failures).toBe(3);
  });
});
