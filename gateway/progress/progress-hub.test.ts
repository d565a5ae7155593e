import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProcessingStage, UploadStatus, VideoStatus } from '../../schema/enums.js';
import type { VideoProgress } from '../../schema/video-progress.js';
import type { Mailbox } from './mailbox.js';
import { createProgressHub, type ProgressHub } from './progress-hub.js';

const account = (sequence: number, change: Partial<VideoProgress> = {}): VideoProgress => ({
  videoId: 'video_a',
  generation: 1,
  sequence,
  uploadStatus: UploadStatus.RECEIVED,
  status: VideoStatus.PROCESSING,
  stage: ProcessingStage.TRANSCODING,
  playable: false,
  percent: 0,
  playableSeconds: 0,
  renditions: [],
  workers: 1,
  at: new Date(0),
  ...change,
});

const tell = (hub: ProgressHub, event: VideoProgress) => hub.publish({ v: 1, projectId: 'project_a', event });

/** The sequence of the next account; `end` where there is none. */
const next = async ({ events }: Mailbox): Promise<number | 'end'> =>
  (await events.next()).value?.sequence ?? 'end';

describe('the progress hub', () => {
  it('gives every subscriber a strictly growing sequence that ends with the newest account', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ publish: fc.nat(30) }) },
      fc.record({ read: fc.constant(true) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(30), async (steps, snapshot) => {
        const hub = createProgressHub();
        const mailbox = hub.watchVideo('video_a');
        const published: number[] = [];
        const received: number[] = [];
        for (const { publish, read } of steps as { publish?: number; read?: boolean }[]) {
          if (publish !== undefined) {
            tell(hub, account(publish));
            published.push(publish);
          } else if (read && Math.max(...published) > (received.at(-1) ?? -1)) {
            received.push(Number(await next(mailbox)));
          }
        }
        mailbox.offer(account(snapshot));
        mailbox.complete();
        for (let last = await next(mailbox); last !== 'end'; last = await next(mailbox)) received.push(last);

        expect(received).toEqual([...new Set(received)].toSorted((a, b) => a - b));
        expect(received.at(-1)).toBe(Math.max(snapshot, ...published));
        expect(hub.size).toBe(0);
      }),
    );
  });

  it('lets a slow subscriber skip to the latest account', async () => {
    const hub = createProgressHub();
    const mailbox = hub.watchVideo('video_a');
    for (let sequence = 1; sequence <= 1_000; sequence += 1) tell(hub, account(sequence));
    expect(await next(mailbox)).toBe(1_000);
  });

  it('wakes a subscriber that waits', async () => {
    const hub = createProgressHub();
    const waiting = next(hub.watchVideo('video_a'));
    tell(hub, account(4));
    expect(await waiting).toBe(4);
  });

  it.each([VideoStatus.READY, VideoStatus.FAILED, VideoStatus.STOPPED])(
    'completes after %s',
    async (status) => {
      const hub = createProgressHub();
      const mailbox = hub.watchVideo('video_a');
      tell(hub, account(1, { status }));
      tell(hub, account(2));
      expect(await next(mailbox)).toBe(1);
      expect(await next(mailbox)).toBe('end');
      expect(hub.size).toBe(0);
    },
  );

  it('starts a later subscriber with what it knows', async () => {
    const hub = createProgressHub();
    hub.watchVideo('video_a');
    tell(hub, account(7));
    expect(await next(hub.watchVideo('video_a'))).toBe(7);
  });

  it('tells a project of all its videos, each in order, and of no others', async () => {
    const hub = createProgressHub();
    const mailbox = hub.watchProject('project_a');
    tell(hub, account(5));
    tell(hub, account(4));
    tell(hub, account(1, { videoId: 'video_b', status: VideoStatus.READY }));
    hub.publish({ v: 1, projectId: 'project_b', event: account(9, { videoId: 'video_c' }) });
    mailbox.complete();
    const seen: string[] = [];
    for await (const { videoId, sequence } of mailbox.events) seen.push(`${videoId} ${sequence}`);
    expect(seen).toEqual(['video_a 5', 'video_b 1']);
  });

  it('gives up a project subscriber that would need unbounded memory', async () => {
    const hub = createProgressHub();
    const mailbox = hub.watchProject('project_a');
    for (let n = 0; n <= 1_000; n += 1) tell(hub, account(1, { videoId: `video_${n}` }));
    await expect(mailbox.events.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(hub.size).toBe(0);
  });

  it('frees a subscriber that leaves while it waits', async () => {
    const hub = createProgressHub();
    const mailbox = hub.watchVideo('video_a');
    const waiting = next(mailbox);
    await mailbox.events.return?.();
    expect(await waiting).toBe('end');
    expect(hub.size).toBe(0);
    expect(hub.takeStale(0, 10).videoIds).toEqual([]);
  });

  it('ends the subscriptions to a video that is gone', async () => {
    const hub = createProgressHub();
    const waiting = next(hub.watchVideo('video_a'));
    hub.forget('video_a');
    expect(await waiting).toBe('end');
  });

  it('names the quietest videos first, and each again only when it was quiet anew', () => {
    let now = 0;
    const hub = createProgressHub({ now: () => now });
    for (const videoId of ['video_a', 'video_b', 'video_c']) hub.watchVideo(videoId);
    now = 2_000;
    tell(hub, account(1));
    now = 3_000;
    expect(hub.takeStale(3_000, 1).videoIds).toEqual(['video_b']);
    expect(hub.takeStale(3_000, 10).videoIds).toEqual(['video_c']);
    expect(hub.takeStale(3_000, 10).videoIds).toEqual([]);
    now = 5_000;
    expect(hub.takeStale(3_000, 10).videoIds).toEqual(['video_a']);
  });
});
