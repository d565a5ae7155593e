/**
 * What PLAN decides once about a generation and every later job follows: plain JSON, stored with the
 * video. All times are on the output's own clock: frame n is shown at n / frameRate seconds.
 */

/** An exact fraction, numerator over denominator, in lowest terms. */
export interface Rational {
  num: number;
  den: number;
}

export interface PlannedVideoTrack {
  /** Directory and public name stem: `v720`. */
  name: string;
  /** Length of the short side of the rung, pixels. */
  height: number;
  /** Encoded size, pixels, both even. */
  encodedWidth: number;
  encodedHeight: number;
  maxRateKbps: number;
}

export interface PlannedAudioTrack {
  /** Directory: `a0`. */
  name: string;
  /** Index of the source's stream. */
  streamIndex: number;
  /** Sample rate of the source, Hz. */
  sampleRate: number;
  /** First and end time of the stream on the source's clock, seconds. */
  start: Rational;
  end: Rational;
  /** BCP 47 or ISO 639-2 tag of the source, if it has one. */
  language?: string;
}

/** How the video stream of the source has to be read. */
export interface PlannedVideoSource {
  streamIndex: number;
  /** Pixels of a decoded picture: what reading a frame costs. */
  pixels: number;
  timeBase: Rational;
  /** End of the stream on the source's clock, seconds. */
  end: Rational;
  /** By how many ticks of its clock decoded pictures come late. */
  lateTicks: number;
  interlaced: boolean;
  /** Transfer characteristic to tone map from, for HDR sources. */
  hdrTransfer?: 'smpte2084' | 'arib-std-b67';
  /** Input colour matrix, by the names of FFmpeg's scale filter. */
  colorMatrix: string;
}

export interface PlannedChunk {
  index: number;
  /** First frame, and the frame after the last: [startFrame, endFrame). */
  startFrame: number;
  endFrame: number;
}

export interface TranscodePlan {
  version: 1;
  /** Name of the source's container, as FFmpeg calls it: `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  /** Start time of the container on the source's clock, seconds. */
  formatStart: Rational;
  /** Constant rate of the output grid, frames a second; 25 for sound alone. */
  frameRate: Rational;
  /** Ticks a second of the video tracks. */
  timescale: number;
  /** Frames of a full segment. */
  segmentFrames: number;
  /** Frames of the film. */
  frameCount: number;
  /** Time of frame 0 on the source's clock, seconds. */
  origin: Rational;
  /** The last frame is held until the audio ends. */
  holdLastFrame: boolean;
  video?: PlannedVideoSource;
  videoTracks: PlannedVideoTrack[];
  audioTracks: PlannedAudioTrack[];
  chunks: PlannedChunk[];
}

/** Which tracks a chunk job encodes: all at once, or the ones that start playback apart from the rest. */
export type ChunkPart = 'ALL' | 'LEAD' | 'REST';

/** What one chunk job made of one track, once its counts have been checked against the plan. */
export interface TrackResult {
  /** `v720`, `a0`. */
  name: string;
  /** SHA-256 of the init segment, hex: all chunks of a track must agree. */
  initSha256: string;
  /** RFC 6381, read from the init segment: `avc1.64001F`, `mp4a.40.2`. */
  codecs: string;
  /** In order, one for each segment of the chunk. */
  segments: SegmentResult[];
}

export interface SegmentResult {
  /** Duration in ticks of the track's timescale (48000 for audio). */
  ticks: number;
  bytes: number;
  /**
   * Of pictures: bytes from the start of the segment to the end of its only key frame. Absent in what was made before
   * it was noted.
   */
  keyFrameEnd?: number;
  /** Of pictures: that they carry closed captions. Noted since key frames are. */
  closedCaptions?: true;
}

/** What a finished chunk job leaves behind; the blob names follow from it and the attempt. */
export interface ChunkResult {
  chunkIndex: number;
  part: ChunkPart;
  attempt: number;
  tracks: TrackResult[];
  /** Size of one thumbnail in the chunk's sprite sheet, pixels, if the part made one. */
  sprite?: { columns: number; tileWidth: number; tileHeight: number };
}
