import { expect, it } from '@jest/globals';
import { audioFixture, planFixture, probeFixture, resultFixture } from '../../test/media/probe-fixture.js';
import { storyboardVtt } from './storyboard-vtt.js';

it('has a cue for each segment that names its thumbnail', () => {
  const plan = planFixture();
  const results = [3, 0, 2, 1].map((index) => resultFixture(plan, index, { attempt: 2 }));
  const vtt = storyboardVtt(plan, [resultFixture(plan, 0, { part: 'REST' }), ...results])!;
  expect(
    vtt.startsWith(`WEBVTT

00:00:00.000 --> 00:00:04.004
sprites/t00000.2.jpg#xywh=0,0,160,90

00:00:04.004 --> 00:00:08.008
sprites/t00001.2.jpg#xywh=0,0,160,90

00:00:08.008 --> 00:00:12.012
sprites/t00001.2.jpg#xywh=160,0,160,90
`),
  ).toBe(true);
  expect(vtt.trimEnd().split('\n').slice(-2)).toEqual([
    '00:00:56.056 --> 00:00:59.993',
    'sprites/t00013.2.jpg#xywh=160,0,160,90',
  ]);
});

it('counts hours', () => {
  const plan = planFixture(probeFixture(undefined, {}), {});
  const late = { ...plan, chunks: [{ index: 0, startFrame: 120 * 1000, endFrame: 120 * 1001 }] };
  expect(storyboardVtt(late, [resultFixture(late, 0)])).toContain('01:06:44.000 --> 01:06:48.004');
});

it('has nothing to show for sound alone', () => {
  const plan = planFixture(probeFixture([audioFixture()]));
  expect(storyboardVtt(plan, [{ ...resultFixture(plan, 0), sprite: undefined }])).toBeUndefined();
});
