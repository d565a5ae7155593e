/** The renditions a film may be encoded in, as data. */

export interface Rung {
  /** Length of the short side in pixels: the "p" in 720p. */
  height: number;
  /** Upper bound of the video bit rate over one buffer of two seconds, kilobits a second. */
  maxRateKbps: number;
}

/** Tallest first. A source gets every rung that is not taller than itself: nothing is upscaled. */
export const ladder: readonly Rung[] = [
  { height: 2160, maxRateKbps: 16_000 },
  { height: 1440, maxRateKbps: 9_000 },
  { height: 1080, maxRateKbps: 5_000 },
  { height: 720, maxRateKbps: 2_800 },
  { height: 480, maxRateKbps: 1_400 },
  { height: 360, maxRateKbps: 800 },
  { height: 240, maxRateKbps: 400 },
];

/** Rungs up to this height keep ahead of a viewer on small machines: they form a chunk's lead. */
export const LEAD_MAX_HEIGHT = 480;

/** Tallest rung encoded unless the operator raises it. */
export const DEFAULT_MAX_HEIGHT = 1080;

/** One stereo AAC-LC rendition per audio stream of the source. */
export const audioProfile = {
  sampleRate: 48_000,
  channels: 2,
  bitrateKbps: 128,
  codecs: 'mp4a.40.2',
} as const;
