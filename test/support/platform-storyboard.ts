import { fetchFile } from './platform-playback.js';

/** A thumbnail and when it is shown, seconds. */
export interface StoryboardCue {
  start: number;
  end: number;
  sheetUrl: string;
  /** Pixels of the sprite sheet. */
  area: { x: number; y: number; width: number; height: number };
}

const seconds = (timestamp: string): number =>
  timestamp.split(':').reduce((total, part) => total * 60 + Number(part), 0);

/** The cues of a WebVTT storyboard. @throws Error where it is none */
export async function readStoryboard(url: string): Promise<StoryboardCue[]> {
  const { type, body } = await fetchFile(url);
  const [header, ...blocks] = body.toString('utf8').trim().split('\n\n');
  if (!type?.startsWith('text/vtt') || header !== 'WEBVTT') throw new Error('this is not WebVTT');
  return blocks.map((block) => {
    const [timing = '', text = ''] = block.split('\n');
    const [start = '', end = ''] = timing.split(' --> ');
    const sheet = new URL(text, url);
    const [x = NaN, y = NaN, width = NaN, height = NaN] = sheet.hash
      .replace('#xywh=', '')
      .split(',')
      .map(Number);
    sheet.hash = '';
    return { start: seconds(start), end: seconds(end), sheetUrl: sheet.href, area: { x, y, width, height } };
  });
}
