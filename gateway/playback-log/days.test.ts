import { describe, expect, it } from '@jest/globals';
import { dayAfter, dayOf, daysBetween, daysFrom, firstOpenDay, lastCompleteDay } from './days.js';

describe('UTC days', () => {
  it('are counted, both ends included, over ends of months and leap days', () => {
    expect(daysFrom('2028-02-28', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
    expect(daysFrom('2026-03-02', '2026-03-01')).toEqual([]);
    expect(daysBetween('2027-03-01', '2028-02-29')).toBe(366);
    expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01');
    expect(dayOf(Date.parse('2026-03-01T23:59:59.999Z'))).toBe('2026-03-01');
  });

  it('are summed up before they are read as such', () => {
    for (let hour = 0; hour < 48; hour += 1) {
      const now = Date.parse('2026-03-10T00:00:00Z') + hour * 3_600_000;
      expect(lastCompleteDay(now) >= dayAfter(firstOpenDay(now), -1)).toBe(true);
      // Its last session may have begun at its end and lasted for a day.
      const end = Date.parse(`${dayAfter(lastCompleteDay(now), 1)}T00:00:00Z`);
      expect(now - end).toBeGreaterThanOrEqual(36 * 3_600_000);
    }
  });
});
