import type { Database } from '../../platform/mongo.js';
import { AuditEntry } from '../../schema/audit-entry.js';
import { toAppError } from '../../schema/errors.js';
import { newId } from '../../schema/ids.js';
import type { OperationOrigin } from '../context.js';
import { newestFirst, olderThan, positionById } from '../paging/newest-first.js';
import { type Page, pageOf, rowsToRead } from '../paging/page.js';
import type { AuditArgs } from './audit-types.js';

/** A privileged act, as it will be told. */
export interface AuditedAct {
  /** Name of the operation. */
  action: string;
  /** Id of what it is done to; absent for the installation as a whole. */
  target?: string;
  /** Whose owners may read of it; absent where it concerns no organization, or not one alone. */
  organizationId?: string;
  /** What is asked for, without secrets. */
  details?: Record<string, unknown>;
}

/** Who did what, kept for good: entries are only ever added. */
export interface AuditLog {
  /**
   * Does `work` and keeps how it ended, `told` of its result included. An entry that cannot be stored does
   * not undo what was done: somebody must look then.
   */
  record<T>(
    act: AuditedAct,
    origin: OperationOrigin,
    work: () => Promise<T>,
    told?: (result: T) => Record<string, unknown>,
  ): Promise<T>;
  /** The newest first. */
  page(args: AuditArgs): Promise<Page<AuditEntry>>;
}

export function createAuditLog(deps: { db: Database }): AuditLog {
  const entries = deps.db.model(AuditEntry);

  async function add(act: AuditedAct, origin: OperationOrigin, result: string): Promise<void> {
    const { caller, requestId, address, log } = origin;
    const entry: AuditEntry = {
      ...{ _id: newId('audit'), at: new Date(), actor: caller.id, ...act, result, address, requestId },
    };
    try {
      await entries.create(entry);
    } catch (err) {
      log.error({ err, entry }, 'privileged act not entered in the audit log');
    }
  }

  return {
    async record(act, origin, work, told) {
      try {
        const result = await work();
        await add(told ? { ...act, details: { ...act.details, ...told(result) } } : act, origin, 'OK');
        return result;
      } catch (error) {
        await add(act, origin, toAppError(error).code);
        throw error;
      }
    },

    async page(args) {
      const { target, action } = args.filter ?? {};
      const { organizationId } = args;
      const rows = await entries
        .find({
          ...(organizationId != null && { organizationId }),
          ...(target != null && { target }),
          ...(action != null && { action }),
          ...olderThan(args),
        })
        .sort(newestFirst)
        .limit(rowsToRead(args))
        .lean<AuditEntry[]>();
      return pageOf(rows, args, positionById);
    },
  };
}
