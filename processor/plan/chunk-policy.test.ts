import { describe, expect, it } from '@jest/globals';
import { audioFixture, planFixture, probeFixture, videoFixture } from '../../test/media/probe-fixture.js';
import { planTasks, predictedSpeed, type EncodingPower } from './chunk-policy.js';

const twoCores: EncodingPower = { pixelsPerSecond: 80e6, slots: 1 };
const cluster: EncodingPower = { ...twoCores, slots: 8 };
const order = (plan = planFixture(), power = twoCores): string[] =>
  planTasks(plan, power).map(({ chunkIndex, part }) => `${chunkIndex} ${part}`);

describe('planTasks', () => {
  it('splits only the opener where the machines keep ahead of a viewer', () => {
    expect(predictedSpeed(planFixture(), cluster)).toBeGreaterThan(1.5);
    expect(order(planFixture(), cluster)).toEqual(['0 LEAD', '0 REST', '1 ALL', '2 ALL', '3 ALL']);
  });

  it('splits every chunk where they do not, and all leads go first', () => {
    expect(predictedSpeed(planFixture(), twoCores)).toBeLessThan(1);
    expect(order()).toEqual(['0 LEAD', '1 LEAD', '2 LEAD', '3 LEAD', '0 REST', '1 REST', '2 REST', '3 REST']);
  });

  it('puts low renditions and all sound into the lead', () => {
    const [lead, rest] = planTasks(planFixture(), cluster);
    expect(lead).toMatchObject({ trackNames: ['v480', 'v360', 'v240', 'a0'], frames: 360 });
    expect(rest).toMatchObject({ trackNames: ['v1080', 'v720'], frames: 240 });
    expect(lead!.costSeconds).toBeLessThan(rest!.costSeconds);
    expect(rest!.work).toBeCloseTo(rest!.costSeconds * cluster.pixelsPerSecond);
  });

  it('has nothing to split in a small picture or in sound alone', () => {
    const small = planFixture(probeFixture([videoFixture({ width: 640, height: 360 }), audioFixture()]));
    const slow = { ...twoCores, pixelsPerSecond: 1 };
    expect(order(small, slow)).toEqual(['0 ALL', '1 ALL', '2 ALL', '3 ALL']);
    const sound = planFixture(probeFixture([audioFixture()]));
    expect(order(sound, slow)).toEqual(['0 ALL', '1 ALL', '2 ALL', '3 ALL']);
    expect(planTasks(sound, slow)[0]).toMatchObject({ frames: 100, trackNames: ['a0'] });
  });

  it('makes every track of every chunk once', () => {
    for (const power of [twoCores, cluster]) {
      const plan = planFixture();
      const made = planTasks(plan, power).flatMap((task) =>
        task.trackNames.map((name) => `${task.chunkIndex} ${name}`),
      );
      expect(new Set(made).size).toBe(made.length);
      expect(made).toHaveLength(plan.chunks.length * 6);
    }
  });
});
