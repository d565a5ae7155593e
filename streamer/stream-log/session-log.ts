import type { HlsFileKind } from '../../schema/blob-paths.js';
import {
  beginSession,
  countAnswer,
  countReport,
  identityOf,
  isSameSession,
  type LiveSession,
} from './live-session.js';
import type { Answer, PlayerReport, Viewing } from './viewing.js';

/** Counts what the requests of each session were answered, in memory: a look-up and some additions each. */
export interface SessionLog {
  answered(viewing: Viewing, answer: Answer): void;
  reported(viewing: Viewing, report: PlayerReport): void;
  /** Sessions that were counted on since they were stored, in the order in which they changed first. */
  changed(): LiveSession[];
  /** Notes that a session was stored as it was at this version. */
  stored(session: LiveSession, version: number): void;
  /** Gives up a session that cannot be stored. */
  giveUp(session: LiveSession): void;
  /** Lets go of sessions that have ended and are stored. */
  tidy(): void;
  /** Sessions in memory. */
  readonly size: number;
}

/** Also while they cannot be stored: about 2 KB each. One process cannot serve as many viewers at a time. */
export const MAX_SESSIONS = 20_000;

/** Asked for by pages that only show a picture of a film: they begin no session. */
const pictures: readonly HlsFileKind[] = ['poster', 'storyboard', 'sprite'];

export function createSessionLog(deps: {
  /** Keyed, short, the same in all streamers. */
  hash: (text: string) => string;
  /** A session that is not counted, since there are too many already. */
  onDropped: () => void;
  maxSessions?: number;
  now?: () => number;
}): SessionLog {
  const { hash, onDropped, maxSessions = MAX_SESSIONS, now = Date.now } = deps;
  /** The latest session of each identity. */
  const open = new Map<string, LiveSession>();
  /** All that are held, with their identities. */
  const held = new Map<LiveSession, string>();
  const changed = new Set<LiveSession>();

  function letGo(session: LiveSession): void {
    const identity = held.get(session) ?? '';
    changed.delete(session);
    held.delete(session);
    if (open.get(identity) === session) open.delete(identity);
  }

  function sessionOf(viewing: Viewing, begins: boolean): LiveSession | undefined {
    const at = now();
    const identity = identityOf(viewing);
    const known = open.get(identity);
    if (known && isSameSession(known, at)) {
      known.lastSeenAt = at;
      return known;
    }
    if (!begins) return undefined;
    if (known && !changed.has(known)) letGo(known);
    if (held.size >= maxSessions) {
      onDropped();
      return undefined;
    }
    const session = beginSession(viewing, { hash, at });
    open.set(identity, session);
    held.set(session, identity);
    return session;
  }

  function touch(session: LiveSession): void {
    session.version += 1;
    changed.add(session);
  }

  return {
    answered(viewing, answer) {
      const session = sessionOf(viewing, !pictures.includes(answer.kind));
      if (!session) return;
      countAnswer(session, answer, viewing.cmcd);
      touch(session);
    },

    reported(viewing, report) {
      const session = sessionOf(viewing, true);
      if (!session) return;
      countReport(session, report);
      touch(session);
    },

    changed: () => [...changed],

    stored(session, version) {
      if (session.version !== version) return;
      changed.delete(session);
      if (open.get(held.get(session) ?? '') !== session) letGo(session);
    },

    giveUp: letGo,

    tidy() {
      const at = now();
      for (const session of held.keys())
        if (!isSameSession(session, at) && !changed.has(session)) letGo(session);
    },

    get size() {
      return held.size;
    },
  };
}
