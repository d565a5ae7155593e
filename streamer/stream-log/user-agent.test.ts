import { expect, it } from '@jest/globals';
import { userAgentFamily } from './user-agent.js';

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

it.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/141.0.0.0 Safari/537.36`, 'Chrome'],
  [`Mozilla/5.0 (X11; Linux x86_64) ${webKit} HeadlessChrome/141.0.0.0 Safari/537.36`, 'Chrome'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`,
    'Edge',
  ],
  [
    `Mozilla/5.0 (Linux; Android 15) ${webKit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet',
  ],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0', 'Firefox'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15',
    'Safari',
  ],
  ['AppleCoreMedia/1.0.0.23A341 (iPhone; U; CPU OS 26_0 like Mac OS X; en_us)', 'AVPlayer'],
  ['VLC/3.0.21 LibVLC/3.0.21', 'VLC'],
  ['Lavf/60.16.100', 'FFmpeg'],
  ['app/1.0 (Linux;Android 15) AndroidXMedia3/1.8.0', 'ExoPlayer'],
  ['somebody', 'Other'],
  [undefined, 'Other'],
])('the family of %s', (userAgent, family) => {
  expect(userAgentFamily(userAgent)).toBe(family);
});
