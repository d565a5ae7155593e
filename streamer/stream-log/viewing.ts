import type { Audience } from '../../platform/audience.js';
import type { NamedViewer } from '../../platform/playback-claims.js';
import type { HlsFileKind } from '../../schema/blob-paths.js';
import type { Cmcd } from './cmcd.js';

/** What of a token's claims tells one playback from another. */
export interface PlaybackIdentity {
  videoId: string;
  generation: number;
  /** Absent in tokens that several viewers may share. */
  viewer?: Pick<NamedViewer, 'key' | 'sessionId'>;
  audience?: Pick<Audience, 'userId'>;
}

/** A request of a player, as far as the stream log knows it. */
export interface Viewing {
  playback: PlaybackIdentity;
  /** As this server saw it. */
  address: string;
  userAgent?: string;
  /** The header `Referer`. */
  referrer?: string;
  cmcd?: Cmcd;
}

/** What was answered to it. */
export interface Answer {
  kind: HlsFileKind;
  /** Below the generation's prefix. */
  file: string;
  /** Of the body. */
  bytes: number;
  /** Whether the end of the file was in it, and all of it was handed to the system. */
  hasEnd: boolean;
}

/** What a player says of a session since it began; the largest of each number counts, so none counts twice. */
export interface PlayerReport {
  /** From the wish to play to the first picture, milliseconds. */
  startupMs?: number;
  rebuffers?: number;
  rebufferMs?: number;
  playedMs?: number;
  /** Changes of the rendition. */
  switches?: number;
  errorCode?: string;
}
