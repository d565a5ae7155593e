import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { createGateway, type GatewayDeps } from '../../gateway/app.js';
import { createApiKeyVerifier, issueApiKey } from '../../platform/api-keys.js';
import { type BlobContainer, connectBlobContainer } from '../../platform/blob.js';
import { type Broker, createBroker } from '../../platform/kafka/broker.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { parseKeyRing } from '../../platform/key-ring.js';
import { createTokens } from '../../platform/tokens.js';
import { type Mailer, noMailer } from '../../gateway/identity/mailer.js';
import { prepareStorage } from '../../gateway/prepare-storage.js';
import { ApiKey } from '../../schema/api-key.js';
import { type Permission, projectScopes } from '../../schema/permissions.js';
import { DispatchClock, Flow } from '../../schema/dispatch-state.js';
import { newId } from '../../schema/ids.js';
import { Job } from '../../schema/job.js';
import { Organization } from '../../schema/organization.js';
import { Project } from '../../schema/project.js';
import { freePort } from '../../local/free-port.js';
import { retryUntil } from '../../local/retry-until.js';
import { quietLog, stackSetting, withTestDatabase } from '../support/test-database.js';

/** A project of an organization of its own, with a key. */
export interface Tenant {
  organizationId: string;
  projectId: string;
  key: string;
}

export interface GatewayFixture {
  url: string;
  db: Database;
  blobs: BlobContainer;
  hls: BlobContainer;
  broker: Broker;
  publisher: Publisher;
  tenant: Tenant;
  adminKey: string;
  registry: Registry;
  /** Starts one more gateway on the same storage. */
  another(): Promise<{ url: string; close: () => Promise<void> }>;
  /** Stops the gateway alone; the rest stays for the test to look at. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  maxUploadBytes?: number;
  deleteGraceMs?: number;
  uploadIdleMs?: number;
  uploadBlockBytes?: number;
  /** Tells clients the address that it really has, and not `testGatewayUrl`. */
  tellsOwnUrl?: boolean;
  isOpen?: boolean;
  requestRates?: GatewayDeps['requestRates'];
  trustedProxies?: GatewayDeps['trustedProxies'];
  /** `silent`: takes every message and delivers none; `down`: cannot be reached. */
  kafka?: 'silent' | 'down';
  signUp?: GatewayDeps['signUp'];
  mailer?: Mailer;
  /** Puts something between the gateway and blob storage. */
  wrapBlobs?: (blobs: BlobContainer) => BlobContainer;
  /** Lets people sign in with an outside provider. */
  oidc?: GatewayDeps['oidc'];
}

const NOBODY_LISTENS = '127.0.0.1:9';
export const testTokenKeys = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;
export const testGatewayUrl = 'https://gateway.test';
export const testAppUrl = 'https://app.test/studio';

/** Runs `work` on a gateway with a database and a container of its own. */
export async function withGateway(options: GatewayOptions, work: (fixture: GatewayFixture) => Promise<void>) {
  const connectionString = stackSetting('AZURE_STORAGE_CONNECTION_STRING');
  const blobs = connectBlobContainer({ connectionString, container: `uploads-${randomUUID()}` });
  const hls = connectBlobContainer({ connectionString, container: `hls-${randomUUID()}` });
  await withTestDatabase([Job, Flow, DispatchClock], async (db) => {
    const broker = brokerFor(options.kafka);
    const publisher = broker.publisher();
    await prepareStorage({ db, containers: [blobs, hls] });
    const tenant = await createTenant(db);
    const adminKey = await createKey(db, { scopes: ['admin'] });
    const registry = new Registry();
    const parts = { db, hls, broker, publisher, registry };
    const wrapped = { ...parts, blobs: options.wrapBlobs?.(blobs) ?? blobs };
    const gateway = await start(wrapped, options);
    const others: (typeof gateway)[] = [];
    const another = async () => {
      const other = await start({ ...wrapped, registry: new Registry() }, options);
      others.push(other);
      return other;
    };
    try {
      await work({ ...parts, blobs, tenant, adminKey, another, ...gateway });
    } finally {
      await Promise.all([gateway, ...others].map((one) => one.close()));
      await publisher.close();
    }
  });
}

function brokerFor(kafka: GatewayOptions['kafka']): Broker {
  if (kafka === 'silent') return silentBroker;
  const brokers = kafka === 'down' ? [NOBODY_LISTENS] : stackSetting('KAFKA_BROKERS').split(',');
  return createBroker({ brokers, clientId: 'gateway-test', log: quietLog });
}

const nothing = () => Promise.resolve();
const silentBroker: Broker = {
  publisher: () => ({ publish: () => Promise.resolve(true), close: nothing }),
  consume: () => Promise.resolve({ close: nothing }),
  lag: () => Promise.resolve(null),
  bounds: () => Promise.resolve([]),
  deleteGroup: nothing,
  isReady: () => Promise.resolve(true),
};

async function start(
  parts: Pick<GatewayDeps, 'db' | 'blobs' | 'hls' | 'broker' | 'publisher' | 'registry'>,
  options: GatewayOptions,
): Promise<{ url: string; close: () => Promise<void> }> {
  const {
    deleteGraceMs,
    maxUploadBytes = 1024 ** 2,
    isOpen = true,
    uploadIdleMs,
    uploadBlockBytes,
    requestRates,
    trustedProxies,
  } = options;
  const { signUp = 'invitation', mailer = noMailer, oidc } = options;
  const stop = new AbortController();
  const port = options.tellsOwnUrl ? await freePort() : 0;
  const gateway = await createGateway({
    ...parts,
    log: quietLog,
    tokens: createTokens({ keys: testTokenKeys }),
    verifier: createApiKeyVerifier({ db: parts.db }),
    keyRing: parseKeyRing(testTokenKeys),
    ...{ signUp, mailer },
    publicGatewayUrl: options.tellsOwnUrl ? `http://127.0.0.1:${port}` : testGatewayUrl,
    publicAppUrl: testAppUrl,
    checks: { mongo: () => parts.db.isReady() },
    publicStreamUrl: 'http://play.test',
    oidc,
    ...{
      deleteGraceMs,
      maxUploadBytes,
      uploadIdleMs,
      uploadBlockBytes,
      isOpen,
      requestRates,
      trustedProxies,
    },
    stopping: stop.signal,
  });
  let closing: Promise<void> | undefined;
  const url = await gateway.listen({ host: '127.0.0.1', port });
  return {
    url,
    close() {
      stop.abort();
      return (closing ??= gateway.close());
    },
  };
}

export async function createTenant(db: Database): Promise<Tenant> {
  const organizationId = newId('org');
  const projectId = newId('project');
  await db.model(Organization).create({ _id: organizationId, name: 'Organization' });
  await db.model(Project).create({ _id: projectId, organizationId, name: 'Project' });
  const key = await createKey(db, { scopes: projectScopes, organizationId, projectId });
  return { organizationId, projectId, key };
}

export async function createKey(
  db: Database,
  owner: { scopes: readonly Permission[]; organizationId?: string; projectId?: string; expiresAt?: Date },
): Promise<string> {
  const { key, document } = issueApiKey({ name: 'test', ...owner });
  await db.model(ApiKey).create(document);
  return key;
}

/** Waits until `holds` resolves to true. */
export function eventually(holds: () => Promise<boolean>): Promise<void> {
  const attempt = async () => {
    if (!(await holds())) throw new Error(`never came true: ${holds.toString()}`);
  };
  return retryUntil(attempt, { signal: AbortSignal.timeout(20_000), everyMs: 50 });
}
