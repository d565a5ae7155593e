/** The tricky sources: what each is, how it is made, and what has to come out of it. */
import type { FrameSize } from './tagged-frames.js';

export interface CorpusSource {
  name: string;
  file: string;
  /** Pictures a second of the raw input; their numbers tell the time. Absent for sound alone. */
  fps?: string;
  /** FFmpeg arguments between the inputs (0: pictures, 1: beeps) and the file. */
  make: string[];
  /** Beeps at whole seconds: for as long as the pictures last, stereo, 48 kHz, unless said otherwise. */
  sound?: { seconds?: number; rate?: number; layout?: string };
  /** Size of the raw pictures and length of the film, if unlike the others. */
  frame?: FrameSize;
  seconds?: number;
  /** Two pictures make a frame, a field each. */
  interlaced?: true;
  /** Turned by its container, degrees clockwise; the picture is stored the other way round. */
  turn?: 90;
  expect: Expectation;
}

export interface Expectation {
  container: RegExp;
  frameRate: string;
  frameCount: number;
  /** Names and sizes of the renditions. */
  sizes: Record<string, string>;
  audioTracks: number;
  /** From one picture to the next their numbers grow by this; absent where they may be uneven. */
  tagStep?: number;
  /** Picture number shown first. */
  firstTag?: number;
  /** Whole seconds at which a beep is heard, first and last. */
  beeps?: [number, number];
  /** Pictures from here on repeat the last one. */
  heldFrom?: number;
}

/** Length of most sources: the tail of 0.3 s is shorter than half a segment of one second. */
const SECONDS = 4.3;

const FRAME: FrameSize = { width: 384, height: 216 };

/** Chunks begin at one second and at three, between key frames. */
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60', '-bf', '2'];
const aac = ['-c:a', 'aac', '-b:a', '96k'];
const own = { v216: '384x216' };
const mp4 = /^mov,mp4/;
const full = {
  frameRate: '30/1',
  frameCount: 129,
  sizes: own,
  audioTracks: 1,
  tagStep: 1,
  beeps: [1, 4] as [number, number],
};

const hdr10 =
  'colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none:pools=1:frame-threads=1';

export const corpus: CorpusSource[] = [
  {
    name: 'H.264 and AAC in MP4, index first, two renditions',
    ...{ file: 'faststart.mp4', fps: '30' },
    make: ['-vf', 'scale=640:360', ...h264, ...aac, '-movflags', '+faststart'],
    expect: { ...full, container: mp4, sizes: { v360: '640x360', v240: '426x240' } },
  },
  {
    name: 'MP4, index last, 29.97 frames a second',
    ...{ file: 'moov-last.mp4', fps: '30000/1001' },
    make: [...h264, ...aac],
    expect: { ...full, container: mp4, frameRate: '30000/1001' },
  },
  {
    name: 'grain, so that it takes many reads',
    ...{ file: 'heavy.mp4', fps: '30', seconds: 7.3 },
    make: ['-vf', 'noise=alls=30:allf=t', ...h264, '-qp', '18', ...aac, '-movflags', '+faststart'],
    expect: { ...full, container: mp4, frameCount: 219, beeps: [1, 7] },
  },
  {
    name: 'fragmented MP4',
    ...{ file: 'fragmented.mp4', fps: '30' },
    make: [...h264, ...aac, '-movflags', '+frag_keyframe+empty_moov+default_base_moof'],
    expect: { ...full, container: mp4 },
  },
  {
    name: 'MOV with PCM',
    ...{ file: 'pcm.mov', fps: '25' },
    make: [...h264, '-c:a', 'pcm_s16le'],
    expect: { ...full, container: mp4, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'Matroska at 23.976 with AC-3 5.1 and a second language',
    ...{ file: 'surround.mkv', fps: '24000/1001', sound: { layout: '5.1' } },
    make: [
      ...['-map', '0:v', '-map', '1:a', '-map', '1:a', ...h264, '-c:a', 'ac3', '-b:a', '192k'],
      ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=ger'],
    ],
    expect: { ...full, container: /^matroska/, frameRate: '24000/1001', frameCount: 103, audioTracks: 2 },
  },
  {
    name: 'WebM with VP9 and Opus',
    ...{ file: 'vp9.webm', fps: '30' },
    make: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '60', '-c:a', 'libopus'],
    expect: { ...full, container: /^matroska/ },
  },
  {
    name: 'WebM as browsers record it: no duration, no index',
    ...{ file: 'recorded.webm', fps: '30' },
    make: [
      '-c:v',
      'libvpx',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-g',
      '60',
      '-c:a',
      'libopus',
      '-live',
      '1',
    ],
    expect: { ...full, container: /^matroska/ },
  },
  {
    name: 'MPEG transport stream',
    ...{ file: 'broadcast.ts', fps: '25' },
    make: [...h264, ...aac],
    expect: { ...full, container: /^mpegts/, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'AVI with MPEG-4 and PCM',
    ...{ file: 'camcorder.avi', fps: '25' },
    make: ['-c:v', 'mpeg4', '-q:v', '3', '-bf', '0', '-g', '50', '-c:a', 'pcm_s16le'],
    expect: { ...full, container: /^avi/, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'AVI with MPEG-4 whose pictures are stored out of order',
    ...{ file: 'divx.avi', fps: '25' },
    make: ['-c:v', 'mpeg4', '-q:v', '3', '-bf', '2', '-g', '50', '-c:a', 'pcm_s16le'],
    expect: { ...full, container: /^avi/, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'AVI with H.264 whose pictures are stored out of order',
    ...{ file: 'h264.avi', fps: '25' },
    make: ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '50', '-c:a', 'pcm_s16le'],
    expect: { ...full, container: /^avi/, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'HEVC, ten bits, HDR10',
    ...{ file: 'hdr10.mp4', fps: '30' },
    make: [
      ...[
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-pix_fmt',
        'yuv420p10le',
        '-tag:v',
        'hvc1',
        '-x265-params',
        hdr10,
      ],
      ...['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', ...aac],
    ],
    expect: { ...full, container: mp4 },
  },
  {
    name: 'phone held upright: turned by its container',
    ...{ file: 'turned.mp4', fps: '30', turn: 90 },
    make: ['-vf', 'scale=216:384,transpose=cclock', ...h264, ...aac],
    expect: { ...full, container: mp4, sizes: { v216: '216x384' } },
  },
  {
    name: 'portrait',
    ...{ file: 'portrait.mp4', fps: '30' },
    make: ['-vf', 'scale=216:384', ...h264, ...aac],
    expect: { ...full, container: mp4, sizes: { v216: '216x384' } },
  },
  {
    name: 'anamorphic: pixels wider than high',
    ...{ file: 'anamorphic.mp4', fps: '25' },
    make: ['-vf', 'setsar=4/3', ...h264, ...aac],
    expect: { ...full, container: mp4, frameRate: '25/1', frameCount: 108, sizes: { v216: '512x216' } },
  },
  {
    name: 'interlaced, each field its own moment',
    ...{ file: 'interlaced.mkv', fps: '50', interlaced: true },
    make: [
      '-vf',
      'tinterlace=interleave_top,setfield=tff',
      ...h264,
      '-flags',
      '+ilme+ildct',
      '-x264-params',
      'tff=1',
      ...aac,
    ],
    expect: { ...full, container: /^matroska/, frameRate: '25/1', frameCount: 107 },
  },
  {
    name: 'variable frame rate',
    ...{ file: 'variable.mp4', fps: '30' },
    make: ['-vf', "select='if(lt(mod(n,70),35),1,mod(n,5))'", '-fps_mode', 'vfr', ...h264, ...aac],
    expect: { ...full, container: mp4, tagStep: undefined },
  },
  {
    name: 'odd sizes, 4:4:4',
    ...{ file: 'odd.mp4', fps: '30' },
    make: ['-vf', 'scale=321:181', ...h264, '-pix_fmt', 'yuv444p', ...aac],
    expect: { ...full, container: mp4, sizes: { v180: '320x180' } },
  },
  {
    name: 'no sound',
    ...{ file: 'silent.mp4', fps: '30' },
    make: ['-an', ...h264],
    expect: { ...full, container: mp4, audioTracks: 0, beeps: undefined },
  },
  {
    name: 'sound that starts two seconds late',
    ...{ file: 'late-sound.mkv', fps: '30' },
    make: ['-af', "aselect='gte(t,1.9)'", ...h264, ...aac],
    expect: { ...full, container: /^matroska/, beeps: [2, 4] },
  },
  {
    name: 'sound that starts before the picture',
    ...{ file: 'late-picture.mkv', fps: '30' },
    make: ['-vf', "select='gte(t,0.5)'", ...h264, ...aac],
    expect: { ...full, container: /^matroska/, frameCount: 130, firstTag: 15, tagStep: undefined },
  },
  {
    name: 'sound shorter than the picture, one channel at 44.1 kHz',
    ...{ file: 'short-sound.mp4', fps: '30', sound: { seconds: 2.2, rate: 44100, layout: 'mono' } },
    make: [...h264, ...aac],
    expect: { ...full, container: mp4, beeps: [1, 2] },
  },
  {
    name: 'sound longer than the picture',
    ...{ file: 'long-sound.mp4', fps: '30', sound: { seconds: 7 } },
    make: [...h264, ...aac],
    expect: { ...full, container: mp4, frameCount: 210, beeps: [1, 6], heldFrom: 128 },
  },
  {
    name: 'H.264 with open groups of pictures',
    ...{ file: 'open-gop.mp4', fps: '30' },
    make: [...h264, '-bf', '3', '-x264-params', 'open-gop=1:b-pyramid=normal', ...aac],
    expect: { ...full, container: mp4 },
  },
  {
    name: 'program stream with MPEG-2',
    ...{ file: 'disc.mpg', fps: '25' },
    make: ['-c:v', 'mpeg2video', '-q:v', '3', '-bf', '2', '-g', '12', '-c:a', 'mp2'],
    expect: { ...full, container: /^mpeg/, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'Flash video',
    ...{ file: 'flash.flv', fps: '30' },
    make: [...h264, ...aac],
    expect: { ...full, container: /^flv/ },
  },
  {
    name: 'Windows Media',
    ...{ file: 'windows.wmv', fps: '25' },
    make: ['-c:v', 'wmv2', '-q:v', '3', '-g', '50', '-c:a', 'wmav2'],
    expect: { ...full, container: /^asf/, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'Ogg with Theora and Vorbis',
    ...{ file: 'theora.ogv', fps: '25' },
    make: ['-c:v', 'libtheora', '-q:v', '8', '-g', '50', '-c:a', 'libvorbis'],
    expect: { ...full, container: /^ogg/, frameRate: '25/1', frameCount: 108 },
  },
  {
    name: 'AV1 in MP4',
    ...{ file: 'av1.mp4', fps: '30' },
    make: ['-c:v', 'libsvtav1', '-preset', '10', '-g', '60', ...aac],
    expect: { ...full, container: mp4 },
  },
  {
    name: '120 frames a second',
    ...{ file: 'fast.mp4', fps: '120' },
    make: [...h264, '-g', '100', ...aac],
    expect: { ...full, container: mp4, frameRate: '60/1', frameCount: 258, tagStep: 2 },
  },
  {
    name: 'eight frames a second',
    ...{ file: 'slow.mp4', fps: '8' },
    make: [...h264, ...aac],
    expect: { ...full, container: mp4, frameRate: '8/1', frameCount: 34 },
  },
  {
    name: 'a fifth of a second',
    ...{ file: 'short.mp4', fps: '30', seconds: 0.2 },
    make: [...h264, ...aac],
    expect: { ...full, container: mp4, frameCount: 6, beeps: undefined },
  },
  {
    name: 'WAV',
    ...{ file: 'sound.wav' },
    make: ['-map', '1:a', '-c:a', 'pcm_s16le'],
    expect: { ...full, container: /^wav/, frameRate: '25/1', frameCount: 108, sizes: {} },
  },
  {
    name: 'FLAC at 96 kHz',
    ...{ file: 'sound.flac', sound: { rate: 96_000 } },
    make: ['-map', '1:a', '-c:a', 'flac'],
    expect: { ...full, container: /^flac/, frameRate: '25/1', frameCount: 108, sizes: {} },
  },
  {
    name: 'bare AAC',
    ...{ file: 'sound.aac' },
    make: ['-map', '1:a', ...aac],
    expect: { ...full, container: /^aac/, frameRate: '25/1', frameCount: 109, sizes: {} },
  },
  {
    name: 'MP3 with cover art',
    ...{ file: 'cover.mp3' },
    make: [
      '-map',
      '1:a',
      '-map',
      '2:v',
      '-c:a',
      'libmp3lame',
      '-c:v',
      'mjpeg',
      '-disposition:v',
      'attached_pic',
      '-id3v2_version',
      '3',
    ],
    expect: { ...full, container: /^mp3/, frameRate: '25/1', frameCount: 109, sizes: {} },
  },
  {
    name: 'M4A',
    ...{ file: 'sound.m4a' },
    make: ['-map', '1:a', ...aac],
    expect: { ...full, container: mp4, frameRate: '25/1', frameCount: 108, sizes: {} },
  },
  {
    name: 'a single frame',
    ...{ file: 'single.mp4', fps: '30' },
    make: ['-an', '-frames:v', '1', ...h264],
    expect: { ...full, container: mp4, frameCount: 1, audioTracks: 0, beeps: undefined },
  },
];

/** Ten minutes, so small and slow that they can be encoded in seconds. Most of these go into the sound. */
export const longSource: CorpusSource = {
  name: 'ten minutes',
  ...{
    file: 'long.mp4',
    fps: '5',
    frame: { width: 64, height: 36 },
    seconds: 600,
    sound: { layout: 'mono' },
  },
  make: [...h264, ...aac, '-movflags', '+faststart'],
  expect: {
    ...{ container: mp4, frameRate: '5/1', frameCount: 3000, sizes: { v36: '64x36' } },
    ...{ audioTracks: 1, tagStep: 1, beeps: [1, 599] },
  },
};

/** Raw pictures and FFmpeg's sound generator for a source. */
export function ingredients({ frame = FRAME, seconds = SECONDS, fps = '30', sound = {} }: CorpusSource): {
  frame: FrameSize;
  frames: number;
  beeps: string;
  seconds: number;
} {
  const { seconds: length = seconds, rate = 48_000, layout = 'stereo' } = sound;
  const wave = 'if(lt(mod(t,1),0.05),0.8*sin(2*PI*1000*t),0)';
  const beeps = `aevalsrc='${wave}':s=${rate}:d=${length}:c=mono,aformat=channel_layouts=${layout}`;
  const [num = 30, den = 1] = fps.split('/').map(Number);
  return { frame, frames: Math.ceil((seconds * num) / den) + 1, beeps, seconds };
}
