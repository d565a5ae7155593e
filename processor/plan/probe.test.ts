import { describe, expect, it } from '@jest/globals';
import { audioFixture, videoFixture } from '../../test/media/probe-fixture.js';
import { probeSource, type ProbedStream } from './probe.js';

const limits = { signal: new AbortController().signal, wallClockMs: 1000, stallMs: 1000 };

/** An ffprobe that answers with `printed`, and with the lines for each packet question by its interval. */
function fakeProbe(printed: unknown, lines: Record<string, string[]> = {}) {
  const questions: string[][] = [];
  return {
    questions,
    ffmpeg: {
      probe: (_: string, options: string[]) => {
        questions.push(options);
        return Promise.resolve(printed);
      },
      probeLines: (_: string, options: string[], __: unknown, onLine: (line: string) => void) => {
        questions.push(options);
        const interval = options[options.indexOf('-read_intervals') + 1] ?? '';
        (lines[interval] ?? []).forEach(onLine);
        return Promise.resolve();
      },
    },
  };
}

const printed = (format_name: string, streams: ProbedStream[], duration?: string): unknown => ({
  format: { format_name, duration, start_time: '0.0' },
  streams,
});

describe('probeSource', () => {
  it('asks once when the header says it all', async () => {
    const { ffmpeg, questions } = fakeProbe(printed('mov,mp4', [videoFixture(), audioFixture()], '60.0'));
    const probe = await probeSource({ ffmpeg }, 'source', limits);
    expect(questions).toEqual([['-show_format', '-show_streams']]);
    expect(probe.scannedEnds.size).toBe(0);
  });

  it('looks for the ends of streams among the last packets, further back for a stream that ends early', async () => {
    const streams = [videoFixture({ duration_ts: undefined }), audioFixture({ duration_ts: undefined })];
    const lines = {
      '288%': ['0,299.9,299.8,0.1', '0,N/A,299.95,N/A'],
      '180%': ['0,299.9,299.8,0.1', '1,200.0,200.0,0.02', '1,N/A,N/A,N/A'],
    };
    const { ffmpeg, questions } = fakeProbe(printed('matroska,webm', streams, '300.0'), lines);
    const { scannedEnds } = await probeSource({ ffmpeg }, 'source', limits);
    expect(scannedEnds.get(0)).toBeCloseTo(300);
    expect(scannedEnds.get(1)).toBeCloseTo(200.02);
    expect(questions).toHaveLength(3);
  });

  it('takes what ffprobe calls presentation times of an AVI for where its pictures are stored', async () => {
    const lines = { '0%': ['0,N/A,9.88,0.04', '0,9.92,9.92,0.04', '0,N/A,9.96,0.04', '0,10,10,0.04'] };
    const video = videoFixture({ duration_ts: undefined });
    const { ffmpeg } = fakeProbe(printed('avi', [video], '10.04'), lines);
    const { scannedEnds } = await probeSource({ ffmpeg }, 'source', limits);
    expect(scannedEnds.get(0)).toBeCloseTo(10.04);
  });

  it('reads it all when there is no duration, and stops there', async () => {
    const { ffmpeg, questions } = fakeProbe(printed('matroska,webm', [audioFixture()]), {
      '0%': ['1,5,5,1'],
    });
    const { scannedEnds } = await probeSource({ ffmpeg }, 'source', limits);
    expect([...scannedEnds]).toEqual([[1, 6]]);
    expect(questions).toHaveLength(2);
  });

  it('asks for timestamps when the frame rates disagree', async () => {
    const video = videoFixture({ r_frame_rate: '60/1', avg_frame_rate: '27/1' });
    const { ffmpeg } = fakeProbe(printed('mov,mp4', [video], '60.0'), {
      '%+10': ['0,0.04,0,0', '0,0.0,0,0', '0,N/A,0,0'],
    });
    expect((await probeSource({ ffmpeg }, 'source', limits)).frameTimes).toEqual([0.04, 0]);
  });

  it('does not trust what ffprobe prints', async () => {
    const { ffmpeg } = fakeProbe({ streams: [{ index: -1 }] });
    await expect(probeSource({ ffmpeg }, 'source', limits)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
    });
  });
});
