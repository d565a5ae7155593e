import type { HlsFileKind } from '../schema/blob-paths.js';
import type { ByteRange } from './byte-range.js';
import type { CachedFile } from './segment-cache.js';
import type { PlaybackIdentity } from './stream-log/viewing.js';

/** Who is sent an answer, for as long as it takes: a response of Node, or an exchange on a direct connection. */
export interface Receiver {
  /** Whether nothing can be sent any more. */
  readonly destroyed: boolean;
  /** Breaks the connection off. */
  destroy(): unknown;
  /** `close`: the system has taken the whole answer, or the connection is broken. */
  once(event: 'close', listener: () => void): unknown;
  removeListener(event: 'close', listener: () => void): unknown;
}

/** By names in small letters. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What is asked for under a playback token, and by whom. */
export interface Streaming {
  kind: HlsFileKind;
  /** Below the generation's prefix. */
  file: string;
  playback: PlaybackIdentity;
  address: string;
  /** Bytes of its body that the connection has taken, of a long answer that is under way. */
  taken?: number;
  /** Whether the end of the file is in the answer. */
  hasEnd?: boolean;
}

/** A request for a published file, whichever way it came. */
export interface StreamRequest {
  /** Named in logs and errors. */
  readonly id: string;
  readonly method: string;
  /** As it was sent: path and query. */
  readonly url: string;
  readonly headers: RequestHeaders;
  /** Where it comes from, as far as it is to be believed. */
  readonly address: string;
  readonly receiver: Receiver;
  /** Set once a playback token was opened. */
  streaming: Streaming | null;
}

/** A part of a file, or all of it. */
export interface FilePart {
  file: CachedFile;
  range: ByteRange;
}

/** By names in small letters. */
export type AnswerHeaders = Record<string, string | number>;

/** An answer, with all of its headers. `body`: what HEAD is not sent, absent where there is none. */
export interface StreamAnswer {
  status: number;
  headers: AnswerHeaders;
  body?: Buffer | FilePart;
}
