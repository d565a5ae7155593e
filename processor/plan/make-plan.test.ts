import { describe, expect, it } from '@jest/globals';
import type { AppError } from '../../schema/errors.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import {
  audioFixture,
  generousLimits,
  planFixture,
  probeFixture,
  videoFixture,
} from '../../test/media/probe-fixture.js';
import type { MediaLimits } from './check-source.js';
import { makePlan } from './make-plan.js';
import type { SourceProbe } from './probe.js';

const refusal = (probe: SourceProbe, limits: Partial<MediaLimits> = {}): AppError => {
  try {
    makePlan(probe, { limits: { ...generousLimits, ...limits } });
  } catch (error) {
    return error as AppError;
  }
  throw new Error('it was planned');
};

describe('makePlan', () => {
  it('puts a film on a grid of frames, cut into segments of four seconds and chunks of 24', () => {
    const plan = planFixture();
    expect(plan).toMatchObject({
      ...{ version: 1, frameRate: { num: 30000, den: 1001 }, timescale: 30000, segmentFrames: 120 },
      ...{ frameCount: 1798, origin: { num: 0, den: 1 }, holdLastFrame: false },
      video: {
        streamIndex: 0,
        pixels: 2_073_600,
        end: { num: 60, den: 1 },
        interlaced: false,
        colorMatrix: 'bt709',
      },
      audioTracks: [{ name: 'a0', streamIndex: 1, sampleRate: 48000, end: { num: 60, den: 1 } }],
    });
    expect(plan.videoTracks.map(({ name }) => name)).toEqual(['v1080', 'v720', 'v480', 'v360', 'v240']);
    expect(plan.chunks.map(({ endFrame }) => endFrame)).toEqual([120, 840, 1560, 1798]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('knows by how much the pictures of an AVI come late, which has no presentation times', () => {
    const stream = { r_frame_rate: '25/1', avg_frame_rate: '25/1', has_b_frames: 2 };
    const lateBy = (formatName: string, timeBase: string) => {
      const probe = probeFixture([videoFixture({ ...stream, time_base: timeBase })]);
      const scannedEnds = new Map([[0, 60]]);
      return planFixture({ ...probe, scannedEnds, format: { ...probe.format, format_name: formatName } })
        .video?.lateTicks;
    };
    expect(lateBy('avi', '1/25')).toBe(2);
    expect(lateBy('avi', '1/1000')).toBe(80);
    expect(lateBy('matroska,webm', '1/1000')).toBe(0);
  });

  it('takes the first picture stream that is not cover art, and every sound stream that can be decoded', () => {
    const plan = planFixture(
      probeFixture([
        videoFixture({ index: 0, codec_name: 'mjpeg', disposition: { attached_pic: 1 } }),
        audioFixture({ index: 1, tags: { language: 'eng' } }),
        audioFixture({ index: 2, channels: 0 }),
        videoFixture({ index: 3 }),
        audioFixture({ index: 4, tags: { language: 'und' } }),
      ]),
    );
    expect(plan.video?.streamIndex).toBe(3);
    expect(plan.audioTracks.map(({ name, streamIndex, language }) => [name, streamIndex, language])).toEqual([
      ['a0', 1, 'eng'],
      ['a1', 4, undefined],
    ]);
  });

  it('plans sound alone on a grid of 25 a second', () => {
    const plan = planFixture(probeFixture([audioFixture({ start_pts: 48_000 })]));
    expect(plan).toMatchObject({
      frameRate: { num: 25, den: 1 },
      frameCount: 1500,
      origin: { num: 1, den: 1 },
    });
    expect(plan.videoTracks).toEqual([]);
    expect(plan.video).toBeUndefined();
  });

  it.each<[string, number, number, Partial<TranscodePlan>]>([
    ['a little before the picture: cut', 2400, 59, { origin: { num: 1, den: 10 }, holdLastFrame: false }],
    [
      'long before the picture: from there',
      -24_000,
      59,
      { origin: { num: -1, den: 2 }, holdLastFrame: false },
    ],
    ['a little after the picture: cut', 4800, 60, { frameCount: 1798, holdLastFrame: false }],
    ['long after the picture: the last frame is held', 4800, 70, { frameCount: 2098, holdLastFrame: true }],
  ])('sound that starts or ends %s', (_, start_pts, seconds, expected) => {
    const picture = videoFixture({ start_pts: 3000 });
    const sound = audioFixture({ start_pts, duration_ts: Math.round(seconds * 48_000) });
    expect(planFixture(probeFixture([picture, sound]))).toMatchObject(expected);
  });

  it('believes the scan where the header does not tell the end, and drops a stream that is not there', () => {
    const streams = [
      videoFixture({ duration_ts: undefined }),
      audioFixture({ duration_ts: undefined }),
      audioFixture({ index: 2, duration_ts: undefined }),
    ];
    const scannedEnds = new Map([
      [0, 30.03],
      [1, 30.01],
    ]);
    const plan = planFixture(
      probeFixture(streams, { scannedEnds, format: { format_name: 'matroska,webm', duration: '30.0' } }),
    );
    expect(plan.frameCount).toBe(900);
    expect(plan.audioTracks.map(({ streamIndex }) => streamIndex)).toEqual([1]);
  });

  it.each([
    [{ field_order: 'tb' }, { interlaced: true }],
    [
      { color_transfer: 'smpte2084', color_space: 'bt2020nc' },
      { hdrTransfer: 'smpte2084', colorMatrix: 'bt709' },
    ],
    [{ color_transfer: 'bt709', color_space: 'bt470bg' }, { colorMatrix: 'bt470bg' }],
    [{ width: 720, height: 576 }, { colorMatrix: 'smpte170m' }],
  ])('reads %j as %j', (stream, expected) => {
    expect(planFixture(probeFixture([videoFixture(stream)])).video).toMatchObject(expected);
  });

  it('refuses what has nothing to show, in words for its uploader', () => {
    const none = refusal(probeFixture([]));
    expect([none.code, none.message]).toEqual([
      'UNSUPPORTED_MEDIA',
      'The file has neither pictures nor sound that can be decoded.',
    ]);
    expect(refusal(probeFixture([videoFixture({ codec_name: undefined })])).code).toBe('UNSUPPORTED_MEDIA');
    expect(refusal(probeFixture([videoFixture({ width: 0 })])).code).toBe('UNSUPPORTED_MEDIA');
    const endless = probeFixture([videoFixture({ duration_ts: 0 })], { format: { duration: undefined } });
    expect(refusal(endless).code).toBe('MEDIA_TRUNCATED');
  });

  it('refuses a file whose end is missing, where the header tells', () => {
    const streams = [videoFixture({ duration_ts: undefined })];
    const cut = (seconds: number): SourceProbe =>
      probeFixture(streams, {
        scannedEnds: new Map([[0, seconds]]),
        format: { format_name: 'matroska,webm' },
      });
    expect(refusal(cut(31.5))).toMatchObject({
      code: 'MEDIA_TRUNCATED',
      message: 'The file ends after 31 of 60 seconds: it is damaged or incomplete.',
    });
    expect(planFixture(cut(58.5)).frameCount).toBe(1753);
  });

  it('refuses a picture of no sensible shape', () => {
    expect(refusal(probeFixture([videoFixture({ width: 4200, height: 200 })])).code).toBe(
      'UNSUPPORTED_MEDIA',
    );
  });

  it('refuses what is beyond the limits, and says by how much', () => {
    expect(refusal(probeFixture(), { maxStreams: 1 }).message).toBe(
      'The file has 2 streams; this server accepts 1.',
    );
    expect(refusal(probeFixture(), { maxPixels: 1e6 }).message).toContain('1920 × 1080 pixels');
    const long = refusal(probeFixture(), { maxDurationSeconds: 59 });
    expect([long.code, long.details['durationSeconds']]).toEqual(['MEDIA_TOO_LARGE', 60]);
    const broken = probeFixture([videoFixture(), audioFixture({ start_pts: -(2 ** 40) })]);
    expect(refusal(broken).code).toBe('MEDIA_TOO_LARGE');
  });
});
