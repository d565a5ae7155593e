import type { Rendition } from '../../schema/video.js';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Of what has no picture: a place for the controls, in the form that most films have. */
const SOUND_ALONE: Size = { width: 640, height: 360 };

/** How large a video is shown at most: its largest rendition. */
export function pictureSize(renditions: readonly Pick<Rendition, 'width' | 'height'>[]): Size {
  const sizes = renditions.flatMap(({ width, height }) => (width && height ? [{ width, height }] : []));
  return sizes.toSorted((a, b) => b.width - a.width)[0] ?? SOUND_ALONE;
}

/** The largest size of the same form, and no larger, that fits into `limits`. */
export function fitInto({ width, height }: Size, limits: Size): Size {
  const scale = Math.min(1, limits.width / width, limits.height / height);
  const scaled = (length: number) => Math.max(1, Math.floor(length * scale));
  return { width: scaled(width), height: scaled(height) };
}
