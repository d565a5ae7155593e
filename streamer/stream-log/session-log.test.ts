import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../../schema/blob-paths.js';
import { isView, SESSION_IDLE_MS, SESSION_MAX_MS } from './live-session.js';
import { createSessionLog } from './session-log.js';
import type { Answer, PlaybackIdentity, Viewing } from './viewing.js';

const film: PlaybackIdentity = { videoId: 'video_a', generation: 1 };
const somebody: Viewing = { playback: film, address: '192.0.2.77', userAgent: 'VLC/3.0' };
const sid = '6e2fb550-c457-11e9';

const segment = (number: number, { track = 'v360', bytes = 100, hasEnd = true } = {}): Answer => ({
  ...{ kind: 'segment', file: hlsFiles.segment(track, number, 1), bytes, hasEnd },
});
const playlist: Answer = { kind: 'master', file: 'master.m3u8', bytes: 10, hasEnd: true };
const poster: Answer = { kind: 'poster', file: 'poster.jpg', bytes: 1_000, hasEnd: true };

function create(maxSessions?: number) {
  const clock = { now: 1_000_000 };
  const dropped: number[] = [];
  const log = createSessionLog({
    hash: (text) => `hash of ${text}`,
    onDropped: () => dropped.push(clock.now),
    maxSessions,
    now: () => clock.now,
  });
  return { log, clock, dropped, only: () => log.changed()[0] };
}

describe('a session', () => {
  it('counts bytes, distinct segments and what each rendition had of them', () => {
    const { log, clock, only } = create();
    log.answered(somebody, playlist);
    expect(only() && isView(only()!)).toBe(false);
    for (const number of [0, 1, 1, 2]) log.answered(somebody, segment(number));
    clock.now += 60_000;
    log.answered(somebody, segment(2, { track: 'v720', bytes: 300 }));
    log.answered(somebody, segment(3, { track: 'v720', bytes: 300 }));
    log.answered(somebody, segment(0, { track: 'a0', bytes: 7 }));
    const session = only();
    expect(log.changed()).toHaveLength(1);
    expect(session).toMatchObject({ bytes: 1_017, firstSeenAt: 1_000_000, lastSeenAt: 1_060_000 });
    expect([session?.pictures.size, session?.sounds.size]).toEqual([4, 1]);
    expect(Object.fromEntries(session?.tracks ?? [])).toEqual({
      v360: { bytes: 400, segments: 3 },
      v720: { bytes: 600, segments: 1 },
      a0: { bytes: 7, segments: 1 },
    });
    expect(session && isView(session)).toBe(true);
  });

  it('knows a network, a host and a name, and no more', () => {
    const { log, only } = create();
    const referrer = 'https://user:secret@www.example.com/watch?token=secret';
    log.answered({ ...somebody, referrer }, playlist);
    expect(only()).toMatchObject({
      ...{ address: '192.0.2.0/24', referrerHost: 'www.example.com', userAgent: 'VLC' },
    });
    log.answered({ ...somebody, address: 'somewhere', referrer: 'x'.repeat(9_000) }, playlist);
    expect(log.changed()[1]).toMatchObject({ address: undefined, referrerHost: undefined });
  });

  it('has bytes of parts of a segment, and the segment once its end was sent', () => {
    const { log, only } = create();
    log.answered(somebody, segment(0, { bytes: 2, hasEnd: false }));
    expect(only()?.pictures.size).toBe(0);
    expect(only() && isView(only()!)).toBe(false);
    log.answered(somebody, segment(0, { bytes: 98 }));
    expect([only()?.pictures.size, only()?.bytes]).toEqual([1, 100]);
  });

  it('does not begin with a picture, but counts one that it shows', () => {
    const { log, only } = create();
    log.answered(somebody, poster);
    expect(log.size).toBe(0);
    log.answered(somebody, playlist);
    log.answered(somebody, poster);
    expect(only()?.bytes).toBe(1_010);
  });

  it('is told apart by its token, else by its player, else by program and address', () => {
    const { log } = create();
    const inToken = { ...film, viewer: { key: 'v', sessionId: 'session_a' } };
    const elsewhere = { address: '198.51.100.1', userAgent: 'Lavf/60' };
    const same: Viewing[][] = [
      [somebody, somebody],
      [{ ...somebody, address: '192.0.2.78' }],
      [{ ...somebody, userAgent: 'Lavf/60' }],
      [{ ...somebody, playback: { ...film, generation: 2 } }],
      [
        { ...somebody, cmcd: { sid } },
        { ...somebody, ...elsewhere, cmcd: { sid } },
      ],
      [{ ...somebody, cmcd: { sid }, playback: { ...film, videoId: 'video_b' } }],
      [
        { ...somebody, playback: inToken },
        { playback: inToken, ...elsewhere, cmcd: { sid: 'another-one' } },
      ],
    ];
    for (const viewing of same.flat()) log.answered(viewing, playlist);
    expect(log.changed().map(({ bytes }) => bytes)).toEqual(same.map((viewings) => 10 * viewings.length));
    expect(new Set(log.changed().map(({ key }) => key)).size).toBe(same.length);
    expect(log.changed().at(-1)?.sessionId).toBe('session_a');
  });

  it('has the same viewer for the same user, wherever they are', () => {
    const { log } = create();
    const playback = { ...film, audience: { userId: 'u1' }, viewer: { key: 'k1' } };
    log.answered({ ...somebody, playback }, playlist);
    log.answered({ ...somebody, playback, address: '198.51.100.1' }, playlist);
    log.answered(somebody, playlist);
    const [first, second, third] = log.changed();
    expect(first?.viewer).toBe(second?.viewer);
    expect(first?.viewer).not.toBe(third?.viewer);
    expect([first?.userId, third?.userId]).toEqual(['u1', undefined]);
  });

  it('ends when nothing was asked for, or after a day', () => {
    const { log, clock } = create();
    log.answered(somebody, segment(0));
    clock.now += SESSION_IDLE_MS;
    log.answered(somebody, segment(1));
    expect(log.changed()).toHaveLength(1);
    clock.now += SESSION_IDLE_MS + 1;
    log.answered(somebody, segment(2));
    const [first, second] = log.changed();
    expect([first?.pictures.size, second?.pictures.size]).toEqual([2, 1]);
    expect(first?.key).toBe(second?.key);
    const begun = clock.now;
    while (clock.now <= begun + SESSION_MAX_MS) {
      clock.now += SESSION_IDLE_MS;
      log.answered(somebody, playlist);
    }
    expect(log.changed()).toHaveLength(3);
  });

  it('takes what the player tells with its requests', () => {
    const { log, only } = create();
    const told = { sid, bs: true, su: true, st: 'v', bsd: 700 } as const;
    log.answered({ ...somebody, cmcd: told }, playlist);
    expect(only()).toMatchObject({ starvations: 0, urgentRequests: 0, streamType: 'v' });
    log.answered({ ...somebody, cmcd: { ...told, br: 800, msd: 350 } }, segment(0));
    log.answered({ ...somebody, cmcd: { ...told, br: 2_800 } }, segment(1));
    log.answered({ ...somebody, cmcd: { sid } }, segment(2));
    expect(only()).toMatchObject({
      ...{ starvations: 2, urgentRequests: 2, starvedMs: 1_400, requestedKbps: 2_800 },
      report: { startupMs: 350 },
    });
  });

  it('takes reports, which may come twice or late', () => {
    const { log, only } = create();
    log.reported(somebody, { startupMs: 400, rebuffers: 2, rebufferMs: 900, playedMs: 60_000 });
    log.reported(somebody, { startupMs: 400, rebuffers: 1, rebufferMs: 500, switches: 3, errorCode: 'E1' });
    expect(only()?.report).toEqual({
      ...{ startupMs: 400, rebuffers: 2, rebufferMs: 900, playedMs: 60_000, switches: 3, errorCode: 'E1' },
    });
    expect(only() && isView(only()!)).toBe(true);
  });
});

describe('the log', () => {
  it('holds no more sessions than it may, and says which it drops', () => {
    const { log, clock, dropped } = create(2);
    const from = (address: string) => log.answered({ ...somebody, address }, playlist);
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1']) from(address);
    expect([log.size, dropped.length]).toEqual([2, 1]);
    for (const session of log.changed()) log.stored(session, session.version);
    clock.now += SESSION_IDLE_MS + 1;
    log.tidy();
    expect(log.size).toBe(0);
    from('192.0.2.3');
    expect([log.size, dropped.length]).toEqual([1, 1]);
  });

  it('keeps what is not stored, also when it has ended', () => {
    const { log, clock } = create();
    log.answered(somebody, playlist);
    clock.now += SESSION_IDLE_MS + 1;
    log.tidy();
    log.answered(somebody, playlist);
    const [ended, current] = log.changed();
    expect(log.size).toBe(2);
    if (ended) log.stored(ended, ended.version);
    expect(log.size).toBe(1);
    expect(log.changed()).toEqual([current]);
  });

  it('keeps as changed what was counted on while it was being stored', () => {
    const { log, only } = create();
    log.answered(somebody, playlist);
    const session = only();
    const version = session?.version ?? 0;
    log.answered(somebody, segment(0));
    if (session) log.stored(session, version);
    expect(log.changed()).toEqual([session]);
    if (session) log.stored(session, session.version);
    expect(log.changed()).toEqual([]);
    log.answered(somebody, segment(1));
    expect(only()).toBe(session);
  });

  it('goes on with another one after giving up', () => {
    const { log, only } = create();
    log.answered(somebody, playlist);
    const session = only();
    if (session) log.giveUp(session);
    expect(log.size).toBe(0);
    log.answered(somebody, playlist);
    expect(only()).not.toBe(session);
  });
});
