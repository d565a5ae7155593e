import { describe, expect, it } from '@jest/globals';
import type { Database } from '../../platform/mongo.js';
import type { AuditEntry } from '../../schema/audit-entry.js';
import { AppError } from '../../schema/errors.js';
import { createAuditLog } from './audit-log.js';

/** An audit log whose database stores entries, or does not. */
function withAudit(isUp = true) {
  const stored: AuditEntry[] = [];
  const logged: unknown[] = [];
  const create = (entry: AuditEntry) =>
    isUp ? Promise.resolve(stored.push(entry)) : Promise.reject(new Error('no database'));
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: unknown) => logged.push(fields),
  };
  return {
    audit: createAuditLog({ db: { model: () => ({ create }) } as unknown as Database }),
    origin: {
      caller: { kind: 'API_KEY' as const, id: 'key_a', grants: [] },
      requestId: 'request-1',
      address: '192.0.2.1',
      log,
    },
    ...{ stored, logged },
  };
}

const act = { action: 'drainWorker', target: 'worker_a', details: { drain: true } };

describe('a privileged act', () => {
  it('is entered with what came of it', async () => {
    const { audit, origin, stored } = withAudit();
    const done = await audit.record(
      act,
      origin,
      () => Promise.resolve(5),
      (count) => ({ count }),
    );
    expect(done).toBe(5);
    expect(stored).toMatchObject([
      {
        ...{ actor: 'key_a', action: 'drainWorker', target: 'worker_a', result: 'OK' },
        ...{ details: { drain: true, count: 5 }, address: '192.0.2.1', requestId: 'request-1' },
      },
    ]);
    expect(stored[0]?._id).toMatch(/^audit_/);
  });

  it('that fails is entered too, by its code', async () => {
    const { audit, origin, stored } = withAudit();
    const failing = (error: Error) => audit.record(act, origin, () => Promise.reject(error));
    await expect(failing(new AppError('NOT_FOUND'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(failing(new Error('boom'))).rejects.toThrow('boom');
    expect(stored.map(({ result }) => result)).toEqual(['NOT_FOUND', 'INTERNAL_SERVER_ERROR']);
  });

  it('stays done where it cannot be entered, and somebody is told', async () => {
    const { audit, origin, logged } = withAudit(false);
    expect(await audit.record(act, origin, () => Promise.resolve('done'))).toBe('done');
    expect(logged).toMatchObject([{ err: { message: 'no database' }, entry: { action: 'drainWorker' } }]);
    const failing = audit.record(act, origin, () => Promise.reject(new AppError('CONFLICT')));
    await expect(failing).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(logged).toHaveLength(2);
  });
});
