import { expect, it } from '@jest/globals';
import { inputOptions } from './input-options.js';

const limits = { maxPixels: 1, maxStreams: 32 };
const formats = 'mov,matroska,webm,mpegts,avi,flv,mpeg,mpegvideo,ogg,mp3,wav,flac,aac,asf';
const http =
  '-rw_timeout 15000000 -reconnect 1 -reconnect_on_network_error 1 -reconnect_on_http_error 5xx,429 -reconnect_delay_max 4';

it.each([
  ['/data/a.mp4', `-protocol_whitelist file -format_whitelist ${formats} -max_streams 32`],
  ['http://blobs/a', `-protocol_whitelist http,tcp -format_whitelist ${formats} -max_streams 32 ${http}`],
  // Nothing is read from further away than this machine.
  ['https://blobs/a', `-protocol_whitelist file -format_whitelist ${formats} -max_streams 32`],
])('holds %s to its protocol and to plain containers', (source, options) => {
  expect(inputOptions(source, limits).join(' ')).toBe(options);
});
