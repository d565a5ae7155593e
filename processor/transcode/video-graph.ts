import type {
  PlannedChunk,
  PlannedVideoSource,
  PlannedVideoTrack,
  TranscodePlan,
} from '../../schema/transcode-plan.js';
import { segmentCount } from '../plan/grid.js';
import { ceil, divide, rational, round } from '../plan/rational.js';
import { jpegColors } from './jpeg-output.js';

/** Size of one thumbnail, pixels. */
export interface SpriteTile {
  tileWidth: number;
  tileHeight: number;
}

interface VideoGraphOptions {
  plan: TranscodePlan;
  chunk: PlannedChunk;
  source: PlannedVideoSource;
  /** The tallest first. */
  video: readonly PlannedVideoTrack[];
  sprite?: SpriteTile;
}

/**
 * Sides reduced by half or more are averaged: as close to the source as bicubic then (SSIM less by 0.0002 on
 * a film with grain, 0.001 on fine lines), at three fifths of its time.
 */
const AVERAGE_FROM = 4;

const scaler = (fromPixels: number, { encodedWidth, encodedHeight }: PlannedVideoTrack): string => {
  const method = fromPixels >= AVERAGE_FROM * encodedWidth * encodedHeight ? 'area' : 'bicubic';
  return `scale=${encodedWidth}:${encodedHeight}:flags=${method}`;
};

/** Perceptual quantizer or HLG to BT.709: linear light, a curve that keeps mid tones, back again. */
const toneMap = (transfer: string): string =>
  `zscale=tin=${transfer}:min=bt2020nc:pin=bt2020:rin=tv:t=linear:p=bt2020:npl=100,format=gbrpf32le,` +
  'zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p';

/** The last chunk may repeat its last frame: for half a second, or for as long as the sound goes on. */
function padding(plan: TranscodePlan, chunk: PlannedChunk): string[] {
  if (plan.holdLastFrame) return ['tpad=stop=-1:stop_mode=clone'];
  if (chunk.endFrame < plan.frameCount) return [];
  return [`tpad=stop=${ceil(divide(plan.frameRate, rational(2)))}:stop_mode=clone`];
}

/** From decoded pictures to the chunk's frames, each with its number on the grid as its timestamp. */
function gridFilters({ plan, chunk, source, video }: VideoGraphOptions): string[] {
  const shift = round(divide(plan.origin, source.timeBase)) + source.lateTicks;
  const { num, den } = plan.frameRate;
  const tallest = video[0];
  const first = chunk.startFrame === 0 ? ':start_time=0' : '';
  const shrink = source.hdrTransfer && tallest ? [scaler(source.pixels, tallest)] : [];
  return [
    ...(shift === 0 ? [] : [`setpts=PTS-${shift}`]),
    ...(source.interlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    `fps=${num}/${den}${first}`,
    ...padding(plan, chunk),
    `trim=start_pts=${chunk.startFrame}:end_pts=${chunk.endFrame}`,
    // Tone mapping is the dearest step by far: do it at the size that is needed.
    ...shrink,
    ...(source.hdrTransfer ? [toneMap(source.hdrTransfer)] : []),
  ];
}

/**
 * The row of thumbnails, one for each segment, delivered anew with each of them so that the last picture
 * is the whole row. FFmpeg reports no progress before every output has had a picture: a row that came
 * only when it is complete would silence the whole run.
 */
function rowFilter(columns: number): string {
  return columns === 1 ? 'null' : `tile=${columns}x1:overlap=${columns - 1}:init_padding=${columns - 1}`;
}

/** From the chunk's frames to the row of thumbnails. */
function spriteFilters(
  { plan, chunk, source }: VideoGraphOptions,
  { tileWidth, tileHeight }: SpriteTile,
): string {
  return [
    `select='eq(mod(pts,${plan.segmentFrames}),0)'`,
    // FFmpeg feeds the output that is behind: one that gets a picture a segment would always be, and the
    // others would wait in memory for it. Ahead of them by a segment, it never is.
    `setpts=PTS+${plan.segmentFrames}`,
    `scale=${tileWidth}:${tileHeight}:${jpegColors(source.colorMatrix)}`,
    'setsar=1',
    'format=yuv420p',
    rowFilter(segmentCount(chunk, plan)),
  ].join(',');
}

/**
 * From the chunk's frames `[s0]` to `[v0]`, `[v1]`..., the tallest first: each is scaled from the one
 * before it, which has fewer pixels to read than the source.
 */
function rungFilters({ source, video }: VideoGraphOptions): string[] {
  return video.map((track, index) => {
    const larger = video[index - 1];
    const fromPixels = larger ? larger.encodedWidth * larger.encodedHeight : source.pixels;
    const colors = index === 0 ? `:in_color_matrix=${source.colorMatrix}:out_color_matrix=bt709` : '';
    const scale = `${scaler(fromPixels, track)}${colors},setsar=1,format=yuv420p`;
    const output = index === video.length - 1 ? `[v${index}]` : `,split=2[v${index}][s${index + 1}]`;
    return `[s${index}]${scale}${output}`;
  });
}

/** Filter graph that delivers `[v0]`, `[v1]`... in the order of `video`, and `[thumbs]` if there is a sprite. */
export function videoGraph(options: VideoGraphOptions): string {
  const { source, sprite } = options;
  const trunk = `[0:${source.streamIndex}]${gridFilters(options).join(',')}`;
  if (!sprite) return [`${trunk}[s0]`, ...rungFilters(options)].join(';');
  const thumbs = `[i]${spriteFilters(options, sprite)}[thumbs]`;
  return [`${trunk},split=2[s0][i]`, ...rungFilters(options), thumbs].join(';');
}

/** Largest thumbnail, pixels. */
const TILE = { width: 240, height: 90 };

/** Size of the thumbnails for pictures of this shape. */
export function spriteTile({ encodedWidth, encodedHeight }: PlannedVideoTrack): SpriteTile {
  const scale = Math.min(TILE.width / encodedWidth, TILE.height / encodedHeight);
  const even = (side: number): number => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { tileWidth: even(encodedWidth), tileHeight: even(encodedHeight) };
}
