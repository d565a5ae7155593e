import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import type { AuditLog } from '../admin/audit-log.js';
import { LimitsResolver } from './limits-resolver.js';
import { createOrganizationLimitsStore } from '../../platform/quota/organization-limits-store.js';
import { createRequestCounts } from './request-counts.js';
import { createRequestLimits, type RequestRates, WINDOW_SECONDS } from './request-limits.js';
import { createSubscriptionQuota } from './subscription-quota.js';
import { createUploadQuota } from '../../platform/quota/upload-quota.js';
import { createUsageStore } from '../../platform/quota/usage-store.js';

/** Everything that holds callers to what they may use, wired. */
export function createLimitServices(deps: {
  db: Database;
  audit: Pick<AuditLog, 'record'>;
  log: Logger;
  requestRates?: Partial<RequestRates>;
}) {
  const { db, log, audit } = deps;
  const limits = createOrganizationLimitsStore({ db });
  const usage = createUsageStore({ db });
  const counts = createRequestCounts({ db, windowMs: WINDOW_SECONDS * 1000 });

  return {
    resolver: new LimitsResolver({ limits, usage, audit }),
    uploadQuota: createUploadQuota({ limits, usage }),
    subscriptionQuota: createSubscriptionQuota({ limits }),
    requestLimits: createRequestLimits({
      ...{ counts, organizationLimits: limits, log, rates: deps.requestRates },
    }),
  };
}
