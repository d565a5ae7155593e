import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createProgressReports } from './progress-reports.js';

const log = pino({ level: 'silent' });

describe('reports of an import', () => {
  it('are sent at once, then the latest of each interval, and none after the end', async () => {
    const sent: number[] = [];
    const second = Promise.withResolvers<undefined>();
    const reports = createProgressReports({
      send({ receivedBytes }) {
        if (sent.push(receivedBytes) === 2) second.resolve(undefined);
        return Promise.resolve();
      },
      ...{ log, intervalMs: 5 },
    });
    for (const receivedBytes of [1, 2, 3]) reports.report({ receivedBytes });
    await second.promise;
    reports.report({ receivedBytes: 4 });
    await reports.end();
    reports.report({ receivedBytes: 5 });
    expect(sent).toEqual([1, 3]);
  });

  it('that cannot be sent do not keep later ones back', async () => {
    const sent: number[] = [];
    const second = Promise.withResolvers<undefined>();
    const reports = createProgressReports({
      send({ receivedBytes }) {
        if (sent.push(receivedBytes) === 1) return Promise.reject(new Error('no database'));
        return Promise.resolve(second.resolve(undefined));
      },
      ...{ log, intervalMs: 1 },
    });
    reports.report({ receivedBytes: 1 });
    reports.report({ receivedBytes: 2 });
    await second.promise;
    await reports.end();
    expect(sent).toEqual([1, 2]);
  });
});
