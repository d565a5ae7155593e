import { describe, expect, it } from '@jest/globals';
import { audioFixture, planFixture, probeFixture, videoFixture } from '../../test/media/probe-fixture.js';
import type { ProbedStream, SourceProbe } from '../plan/probe.js';
import { chunkCommand, type ChunkCommandOptions } from './chunk-args.js';
import type { FfmpegCommand } from './ffmpeg.js';

const plan = planFixture();

function command(chunk: number, options: Partial<ChunkCommandOptions> = {}): FfmpegCommand {
  const { plan: used = plan } = options;
  return chunkCommand({
    ...{ plan: used, chunk: used.chunks[chunk]!, trackNames: ['v360', 'a0'], sourceUrl: 'http://blobs/1' },
    ...{ outDir: '/tmp/c', preset: 'veryfast', ...options },
  });
}

const small = (
  stream: Partial<ProbedStream>,
  audio = audioFixture(),
  probe: Partial<SourceProbe['format']> = {},
) =>
  planFixture(probeFixture([videoFixture({ width: 640, height: 360, ...stream }), audio], { format: probe }));

const graphs = (chunk: number, used: typeof plan): string[] => command(chunk, { plan: used }).graphs;

describe('chunkCommand', () => {
  it('is the measured recipe, word for word', () => {
    const {
      source,
      sourceOptions,
      graphs: both,
      outputs,
    } = command(1, { sprite: { tileWidth: 160, tileHeight: 90 } });
    expect(source).toBe('http://blobs/1');
    expect(sourceOptions.join(' ')).toBe('-copyts -noaccurate_seek -ss 3.004000');
    expect(both).toEqual([
      "[0:0]fps=30000/1001,trim=start_pts=120:end_pts=840,split=2[s0][i];[s0]scale=640:360:flags=area:in_color_matrix=bt709:out_color_matrix=bt709,setsar=1,format=yuv420p[v0];[i]select='eq(mod(pts,120),0)',setpts=PTS+120,scale=160:90:flags=bicubic:in_color_matrix=bt709:out_color_matrix=bt601:out_range=full,setsar=1,format=yuv420p,tile=6x1:overlap=5:init_padding=5[thumbs]",
      '[0:1]aresample=48000,asetpts=PTS-0,aresample=async=1:first_pts=186240,atrim=start_pts=186240,aresample=48000,atrim=start_pts=188416:end_pts=1347584,aformat=sample_fmts=fltp:channel_layouts=stereo[a0]',
    ]);
    expect(outputs.map(({ options, target }) => [...options, target].join(' '))).toEqual([
      '-map [v0] -c:v libx264 -preset veryfast -crf 23 -profile:v high -maxrate 800k -bufsize 1600k -sc_threshold 0 -g 120 -keyint_min 120 -x264-params stitchable=1 -pix_fmt yuv420p -fps_mode passthrough -color_primaries bt709 -color_trc bt709 -colorspace bt709 -hls_time 0.1 -avoid_negative_ts disabled -f hls -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags temp_file -hls_segment_options movflags=+frag_discont+cmaf+skip_sidx:video_track_timescale=30000 -start_number 1 -hls_fmp4_init_filename init.mp4 -hls_segment_filename /tmp/c/v360/s%05d.m4s /tmp/c/v360/chunk.m3u8',
      "-map [a0] -c:a aac -b:a 128k -bsf:a noise=amount=0:drop='lt(pts,192512)+gte(pts,1345536)' -hls_time 4.004 -avoid_negative_ts disabled -f hls -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags temp_file -hls_segment_options movflags=+frag_discont+cmaf+skip_sidx -start_number 1 -hls_fmp4_init_filename init.mp4 -hls_segment_filename /tmp/c/a0/s%05d.m4s /tmp/c/a0/chunk.m3u8",
      '-map [thumbs] -c:v mjpeg -strict unofficial -color_range pc -q:v 5 -frames:v 6 -fps_mode passthrough -f image2 -update 1 /tmp/c/sprite.jpg',
    ]);
  });

  it('reads the opener from the start, and holds a first frame that is late', () => {
    const opener = command(0);
    expect(opener.sourceOptions).toEqual(['-copyts']);
    expect(opener.graphs[0]).toContain('fps=30000/1001:start_time=0,trim=start_pts=0:end_pts=120[s0];');
  });

  it('scales each rendition from the next larger one', () => {
    const tracks = [1080, 720, 240].map((height) => ({
      ...{
        name: `v${height}`,
        height,
        encodedWidth: (height * 16) / 9,
        encodedHeight: height,
        maxRateKbps: 1,
      },
    }));
    const plan = { ...small({}), videoTracks: tracks };
    const [picture] = command(1, { plan, trackNames: ['v1080', 'v720', 'v240'] }).graphs;
    expect(picture?.split(';').map((chain) => chain.replace(/scale=[\d.]+:(\d+)[^,]*,.*420p/, '$1'))).toEqual(
      [
        '[0:0]fps=30000/1001,trim=start_pts=120:end_pts=840[s0]',
        '[s0]1080,split=2[v0][s1]',
        '[s1]720,split=2[v1][s2]',
        '[s2]240[v2]',
      ],
    );
  });

  it('pads the end of the film alone, and sound only close to its end', () => {
    expect(
      [0, 1, 2, 3].map((chunk) => command(chunk).graphs[0]!.includes('tpad=stop=15:stop_mode=clone')),
    ).toEqual([...[false, false, false, true]]);
    expect([0, 1, 2, 3].map((chunk) => command(chunk).graphs[1]!.includes(',apad,'))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('encodes the tracks it is told to, and leaves out sources nobody asked for', () => {
    const rest = command(1, { trackNames: ['v1080', 'v720'] });
    expect(rest.graphs).toHaveLength(1);
    expect(rest.outputs.map(({ target }) => target)).toEqual([
      '/tmp/c/v1080/chunk.m3u8',
      '/tmp/c/v720/chunk.m3u8',
    ]);
    const sound = command(1, { trackNames: ['a0'], sprite: { tileWidth: 160, tileHeight: 90 } });
    expect(sound.outputs.map(({ target }) => target)).toEqual(['/tmp/c/a0/chunk.m3u8']);
  });

  it('shifts sources that do not start at zero, and looks further back in streams without an index', () => {
    const late = small({ start_pts: 30_000 }, audioFixture({ start_pts: 48_000 }), {
      format_name: 'mpegts',
      start_time: '1.0',
    });
    const { sourceOptions, graphs: both } = command(2, { plan: { ...late, container: 'mpegts' } });
    expect(sourceOptions.join(' ')).toBe('-copyts -noaccurate_seek -ss 18.028000');
    expect(both[0]).toContain('[0:0]setpts=PTS-30000,fps=');
    expect(both[1]).toContain('asetpts=PTS-48000,');
  });

  it('resamples every chunk on the same raster', () => {
    const used = small(
      {},
      audioFixture({ sample_rate: '44100', time_base: '1/44100', duration_ts: 2_646_000 }),
    );
    expect(graphs(1, used)[1]).toContain(
      'first_pts=171108,atrim=start_pts=171108,aresample=48000,atrim=start_pts=188416:',
    );
    expect((171_108 / 44_100) * 25).toBeCloseTo(97);
  });

  it('is silent before and after the sound, in the same format', () => {
    const used = small({}, audioFixture({ duration_ts: 48_000 * 10 }));
    expect(graphs(2, used)[1]).toBe(
      'anullsrc=r=48000:cl=stereo,asetpts=N+1341440,atrim=start_pts=1341440:end_pts=2500608[a0]',
    );
  });

  it('holds the last picture while the sound goes on, and goes back for it', () => {
    const used = small({}, audioFixture({ duration_ts: 48_000 * 120 }));
    const { sourceOptions, graphs: both } = command(4, { plan: used });
    expect(both[0]).toContain('tpad=stop=-1:stop_mode=clone');
    expect(sourceOptions.join(' ')).toContain('-ss 58.000000');
  });

  it('deinterlaces, converts colours and tone maps at the size that is needed', () => {
    expect(graphs(1, small({ field_order: 'tt' }))[0]).toContain(
      'bwdif=mode=send_frame:deint=interlaced,fps=',
    );
    expect(graphs(1, small({ color_space: 'smpte170m' }))[0]).toContain(
      'in_color_matrix=smpte170m:out_color_matrix=bt709',
    );
    const hdr = graphs(
      1,
      planFixture(probeFixture([videoFixture({ color_transfer: 'arib-std-b67' }), audioFixture()])),
    )[0];
    expect(hdr).toContain(
      'scale=640:360:flags=area,zscale=tin=arib-std-b67:min=bt2020nc:pin=bt2020:rin=tv:t=linear:p=bt2020:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p[s0];',
    );
  });
});
