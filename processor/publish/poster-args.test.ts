import { expect, it } from '@jest/globals';
import { ffmpegArgv } from '../transcode/ffmpeg.js';
import { posterCommand } from './poster-args.js';

it('takes the most typical of the first frames, no wider than needed', () => {
  const argv = ffmpegArgv(posterCommand({ source: '/tmp/one.mp4', target: '/tmp/poster.jpg' }), {
    maxPixels: 9,
    maxStreams: 1,
  });
  expect(argv.join(' ')).toBe(
    "-hide_banner -nostdin -loglevel warning -nostats -progress pipe:1 -filter_complex [0:v]thumbnail=n=40,scale='min(1280,iw)':-2:flags=bicubic:in_color_matrix=bt709:out_color_matrix=bt601:out_range=full,format=yuv420p[poster] -max_pixels 9 -protocol_whitelist file -format_whitelist mov,matroska,webm,mpegts,avi,flv,mpeg,mpegvideo,ogg,mp3,wav,flac,aac,asf -max_streams 1 -i /tmp/one.mp4 -y -map [poster] -c:v mjpeg -strict unofficial -color_range pc -q:v 3 -frames:v 1 -fps_mode passthrough -f image2 -update 1 /tmp/poster.jpg",
  );
});
