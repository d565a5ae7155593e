import { randomBytes } from 'node:crypto';
import { truncatedAddress } from '../../platform/address-block.js';
import type { Cmcd } from './cmcd.js';
import { SegmentSet } from './segment-set.js';
import { userAgentFamily } from './user-agent.js';
import type { Answer, PlayerReport, Viewing } from './viewing.js';

/** What was sent of one track: `v720`, `a0`. */
export interface TrackCount {
  bytes: number;
  /** That had not been sent before, of any track of its kind. */
  segments: number;
}

/** A session as this process has seen it: what it is, and what was counted. */
export interface LiveSession {
  /** Of this object among all that ever count for the same session. */
  readonly part: string;
  /** Who it is, by a keyed hash: equal for all streamers. */
  readonly key: string;
  /** Who watches, by a keyed hash: of the user, else of address and user agent. */
  readonly viewer: string;
  /** On what, by a keyed hash of address and user agent. */
  readonly client: string;
  readonly videoId: string;
  readonly generation: number;
  readonly sessionId?: string;
  readonly userId?: string;
  /** A network. */
  readonly address?: string;
  readonly userAgent: string;
  readonly referrerHost?: string;
  /** Epoch milliseconds, as is the next one. */
  readonly firstSeenAt: number;
  lastSeenAt: number;
  bytes: number;
  readonly pictures: SegmentSet;
  readonly sounds: SegmentSet;
  readonly tracks: Map<string, TrackCount>;
  /** As requests told it: how often the buffer ran empty, and for how long. */
  starvations: number;
  starvedMs?: number;
  /** Bit rate that was asked for last, kilobits a second. */
  requestedKbps?: number;
  streamType?: Cmcd['st'];
  /** Files that were wanted at once: at a start, after a seek, or with nothing left to play. */
  urgentRequests: number;
  report: PlayerReport;
  /** Which of the sessions of its key it is, counted from 1; undefined until it is first stored. */
  ordinal?: number;
  /** Counts its changes. */
  version: number;
}

/** A session has ended after this time without a request, milliseconds; what comes then is another one. */
export const SESSION_IDLE_MS = 5 * 60_000;

/** And after this time in any case: so the figures of a day are complete soon after it, milliseconds. */
export const SESSION_MAX_MS = 24 * 3_600_000;

/** Whether what happens at `at` still belongs to a session. All times in epoch milliseconds. */
export const isSameSession = (
  { firstSeenAt, lastSeenAt }: Pick<LiveSession, 'firstSeenAt' | 'lastSeenAt'>,
  at: number,
): boolean => at - lastSeenAt <= SESSION_IDLE_MS && at - firstSeenAt <= SESSION_MAX_MS;

const MAX_USER_AGENT_CHARS = 200;
const MAX_REFERRER_CHARS = 2_048;

/** What is not longer than a session id that a token or a player has may be. */
const clientOf = ({ address, userAgent = '' }: Viewing): string =>
  `${address}\0${userAgent.slice(0, MAX_USER_AGENT_CHARS)}`;

/**
 * What tells sessions apart: the session of the token; else the one that the player names; else the same program at
 * the same address. Of one generation of one video in any case.
 */
export function identityOf(viewing: Viewing): string {
  const { playback, cmcd } = viewing;
  const { videoId, generation, viewer } = playback;
  if (viewer?.sessionId) return `token\0${viewer.sessionId}\0${videoId}\0${generation}`;
  if (cmcd?.sid) return `player\0${cmcd.sid}\0${videoId}\0${generation}`;
  return `client\0${clientOf(viewing)}\0${videoId}\0${generation}`;
}

/** Who watches, and on which device. `hash`: a keyed one, short. */
export function identify(
  viewing: Viewing,
  hash: (text: string) => string,
): Pick<LiveSession, 'viewer' | 'client'> {
  const { viewer } = viewing.playback;
  const client = hash(`client\0${clientOf(viewing)}`);
  return { client, viewer: viewer ? hash(`viewer\0${viewer.key}`) : client };
}

/** A session that begins now. `hash`: a keyed one, short. */
export function beginSession(
  viewing: Viewing,
  { hash, at }: { hash: (text: string) => string; at: number },
): LiveSession {
  const { playback, address, userAgent, referrer } = viewing;
  const { videoId, generation, viewer, audience } = playback;
  return {
    part: randomBytes(6).toString('hex'),
    key: hash(`session\0${identityOf(viewing)}`),
    ...identify(viewing, hash),
    ...{ videoId, generation, sessionId: viewer?.sessionId, userId: audience?.userId },
    address: truncatedAddress(address),
    userAgent: userAgentFamily(userAgent),
    referrerHost: hostOf(referrer),
    ...{ firstSeenAt: at, lastSeenAt: at, bytes: 0, starvations: 0, urgentRequests: 0 },
    ...{ pictures: new SegmentSet(), sounds: new SegmentSet(), tracks: new Map() },
    ...{ report: {}, version: 0 },
  };
}

function hostOf(referrer: string | undefined): string | undefined {
  if (referrer === undefined || referrer.length > MAX_REFERRER_CHARS) return undefined;
  return URL.parse(referrer)?.hostname || undefined;
}

/** Adds an answer to what was counted. */
export function countAnswer(session: LiveSession, answer: Answer, cmcd: Cmcd | undefined): void {
  session.bytes += answer.bytes;
  if (cmcd) countTold(session, answer, cmcd);
  if (answer.kind === 'segment') countSegment(session, answer);
}

function countTold(session: LiveSession, { kind }: Answer, cmcd: Cmcd): void {
  if (cmcd.st) session.streamType = cmcd.st;
  if (cmcd.msd !== undefined) session.report.startupMs = max(session.report.startupMs, cmcd.msd);
  if (kind !== 'segment') return;
  if (cmcd.bs) session.starvations += 1;
  if (cmcd.bsd !== undefined) session.starvedMs = (session.starvedMs ?? 0) + cmcd.bsd;
  if (cmcd.su) session.urgentRequests += 1;
  if (cmcd.br !== undefined) session.requestedKbps = cmcd.br;
}

/** `v720/s00012.0.m4s`: the directory is the track, the number the segment. */
function countSegment(session: LiveSession, { file, bytes, hasEnd }: Answer): void {
  const slash = file.indexOf('/');
  const name = file.slice(0, slash);
  const track = session.tracks.get(name) ?? { bytes: 0, segments: 0 };
  session.tracks.set(name, track);
  track.bytes += bytes;
  if (!hasEnd) return;
  const seen = name.startsWith('v') ? session.pictures : session.sounds;
  if (seen.add(Number.parseInt(file.slice(slash + 2), 10))) track.segments += 1;
}

/** Adds what a player has said. */
export function countReport(session: LiveSession, report: PlayerReport): void {
  const { report: known } = session;
  session.report = {
    startupMs: max(known.startupMs, report.startupMs),
    rebuffers: max(known.rebuffers, report.rebuffers),
    rebufferMs: max(known.rebufferMs, report.rebufferMs),
    playedMs: max(known.playedMs, report.playedMs),
    switches: max(known.switches, report.switches),
    errorCode: report.errorCode ?? known.errorCode,
  };
}

const max = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

/**
 * Whether a session is a view: it was sent at least one whole media segment, or its player says that it plays.
 * Playlists and pictures alone are none.
 */
export const isView = ({ pictures, sounds, report }: LiveSession): boolean =>
  pictures.size + sounds.size > 0 || report.startupMs !== undefined || (report.playedMs ?? 0) > 0;
