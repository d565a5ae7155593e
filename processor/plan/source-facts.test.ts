import { expect, it } from '@jest/globals';
import { audioFixture, planFixture, probeFixture, videoFixture } from '../../test/media/probe-fixture.js';
import { sourceFacts } from './source-facts.js';

it('tells people about a film as it is shown', () => {
  const turned = videoFixture({ side_data_list: [{}, { rotation: 90 }] });
  const probe = probeFixture([turned, audioFixture()]);
  expect(sourceFacts(probe, planFixture(probe))).toEqual({
    ...{ container: 'mp4', videoCodec: 'h264', audioCodec: 'aac', width: 1080, height: 1920 },
    ...{ frameRate: 29.97, durationSeconds: 59.993, bitrateBps: 5_000_000 },
  });
});

it('leaves out what sound alone does not have', () => {
  const probe = probeFixture([audioFixture({ codec_name: 'mp3' })], {
    format: { format_name: 'mp3', bit_rate: undefined },
  });
  expect(sourceFacts(probe, planFixture(probe, {}))).toEqual({
    container: 'mp3',
    audioCodec: 'mp3',
    durationSeconds: 60,
  });
});
